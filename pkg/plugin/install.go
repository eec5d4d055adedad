package plugin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/atomicfile"
	"github.com/seed-0d4f92cc/pack/pkg/provenance"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// Conditions under which a plugin is not installed.
var (
	// ErrExists says that there is a plugin of that name, or something else in
	// its place.
	ErrExists = errors.New("plugin already exists")
	// ErrNoProvenance says that there is no provenance file to verify.
	ErrNoProvenance = errors.New("plugin verification failed: no provenance file (.prov) found")
	// ErrCannotVerify says that a source cannot be signed.
	ErrCannotVerify = errors.New("plugin source does not support verification. Use --verify=false to skip verification")
)

// Registry fetches plugins from OCI registries; *oci.Client is one. References
// are without the scheme.
type Registry interface {
	// Versions lists the tags of a repository that are versions, the highest
	// first.
	Versions(ctx context.Context, repository string, access repo.Access) ([]string, error)
	// PullPlugin fetches the plugin of a name that a reference names: the archive
	// is Pulled.Chart. That there is no provenance file is no error.
	PullPlugin(ctx context.Context, ref, name string, access repo.Access) (*repo.Pulled, error)
}

// InstallerConfig is what an Installer works with.
type InstallerConfig struct {
	// Dirs are the folders of plugins. What is new comes into the first one.
	Dirs []string
	// Web opens http and https URLs; nil means that they are errors.
	Web repo.Getter
	// Registry returns the client for registries; nil means that they are
	// errors.
	Registry func() (Registry, error)
	// Process is what git is run in.
	Process Process
	// Log is told of what is passed over; nil tells nobody.
	Log *slog.Logger
}

// Installer installs, updates and removes plugins.
type Installer struct{ cfg InstallerConfig }

// NewInstaller returns an Installer. It does nothing yet.
func NewInstaller(cfg InstallerConfig) *Installer {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return &Installer{cfg: cfg}
}

// InstallRequest says which plugin is wanted.
type InstallRequest struct {
	// Source is a folder or a file by its absolute path, or a URL: of an archive
	// (http, https), a registry (oci), or a git repository.
	Source string
	// Version chooses among what a git repository or a registry has: a tag, or
	// a constraint; git takes branches and commits too. What has one version
	// only must satisfy it. Empty takes any.
	Version string
	Access  repo.Access
	// Keys must have signed what is installed; nil checks nothing. Folders are
	// never checked.
	Keys repo.Verifier
}

// Installed is a plugin that was just installed.
type Installed struct {
	*Plugin
	// Verification is what the provenance file proved; nil if nothing was
	// checked.
	Verification *provenance.Verification
	// Manifest is the digest of the manifest in a registry.
	Manifest string
}

// packed is a plugin that was fetched.
type packed struct {
	data, provenance []byte
	// signedName is what the archive is called in its provenance file; empty is
	// what the plugin calls it.
	signedName string
	manifest   string
}

// Install installs a plugin: it appears whole in the folder of plugins, or not
// at all. No hook is run. Errors wrap ErrExists, ErrCannotVerify,
// ErrNoProvenance, ErrMissingMetadata, ErrRuntime, or are those of fetching and
// of the provenance check.
func (i *Installer) Install(ctx context.Context, req InstallRequest) (*Installed, error) {
	kind := KindOf(req.Source)
	var early *packed
	if kind == KindGit {
		var err error
		if early, err = i.probe(ctx, req); err != nil {
			return nil, err
		}
		if early != nil {
			kind = KindURL
		} else if req.Keys != nil {
			return nil, ErrCannotVerify
		}
	}
	if len(i.cfg.Dirs) == 0 || i.cfg.Dirs[0] == "" {
		return nil, errors.New("there is no folder for plugins: HELM_PLUGINS is empty")
	}
	if name := folderName(req.Source, kind, ""); name != "" {
		if err := i.free(name); err != nil {
			return nil, err
		}
	}
	if err := os.MkdirAll(i.cfg.Dirs[0], 0o755); err != nil {
		return nil, err
	}
	switch kind {
	case KindFolder:
		return i.link(req)
	case KindGit:
		return i.clone(ctx, req)
	}
	p := early
	if p == nil {
		var err error
		if p, err = i.fetch(ctx, req, kind); err != nil {
			return nil, err
		}
	}
	return i.unpack(req, kind, p)
}

// free says whether a plugin's folder can be made.
func (i *Installer) free(name string) error {
	path := filepath.Join(i.cfg.Dirs[0], name)
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		i.cfg.Log.Warn("plugin already exists", "path", path)
		return ErrExists
	}
	return nil
}

// link installs a folder by a link to it.
func (i *Installer) link(req InstallRequest) (*Installed, error) {
	info, err := os.Stat(req.Source)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return nil, errors.New("expected plugin to be a directory (containing a file 'plugin.yaml')")
	}
	if _, err := os.Stat(filepath.Join(req.Source, FileName)); err != nil {
		return nil, ErrMissingMetadata
	}
	p, err := Load(req.Source)
	if err != nil {
		return nil, err
	}
	dir, err := i.place(p, req, KindFolder)
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(req.Source, dir); err != nil {
		return nil, err
	}
	p.Dir = dir
	return &Installed{Plugin: p}, nil
}

// place checks a plugin and says where it is to be.
func (i *Installer) place(p *Plugin, req InstallRequest, kind Kind) (string, error) {
	if err := p.Runnable(); err != nil {
		return "", err
	}
	if err := hasVersion(p, req.Version, kind); err != nil {
		return "", err
	}
	others, err := LoadAll(i.cfg.Dirs, nil)
	if err != nil {
		return "", err
	}
	if other := Find(others, p.Name, ""); other != nil {
		i.cfg.Log.Warn("plugin already exists", "path", other.Dir)
		return "", ErrExists
	}
	name := folderName(req.Source, kind, p.Name)
	if err := i.free(name); err != nil {
		return "", err
	}
	return filepath.Join(i.cfg.Dirs[0], name), nil
}

// hasVersion says whether a plugin is of the version that was asked for, where
// that did not choose what was fetched.
func hasVersion(p *Plugin, version string, kind Kind) error {
	if version == "" || version == p.Version || kind == KindGit || kind == KindRegistry {
		return nil
	}
	constraint, err := semver.NewConstraint(version)
	if err != nil {
		return err
	}
	if v, err := semver.NewVersion(p.Version); err == nil && constraint.Check(v) {
		return nil
	}
	return fmt.Errorf("requested version %q does not exist for plugin %q: it is version %q", version, p.Name, p.Version)
}

// clone installs a working copy of a git repository.
func (i *Installer) clone(ctx context.Context, req InstallRequest) (*Installed, error) {
	var p *Plugin
	err := i.inside(func(dir string) (string, error) {
		if err := (git{proc: i.cfg.Process, url: req.Source, access: req.Access}).clone(ctx, req.Version, dir); err != nil {
			return "", fmt.Errorf("cannot get plugin %q: %w", withoutSecrets(req.Source), err)
		}
		if _, err := os.Lstat(filepath.Join(dir, FileName)); err != nil {
			return "", ErrMissingMetadata
		}
		var err error
		if p, err = Load(dir); err != nil {
			return "", err
		}
		p.Dir, err = i.place(p, req, KindGit)
		return p.Dir, err
	})
	if err != nil {
		return nil, err
	}
	return &Installed{Plugin: p}, nil
}

// unpack installs a packed plugin, and keeps the archive and its provenance file
// beside it, as Helm does: lists show by them what is signed.
func (i *Installer) unpack(req InstallRequest, kind Kind, from *packed) (*Installed, error) {
	a, err := readArchive(from.data)
	if err != nil {
		return nil, fmt.Errorf("failed to extract plugin from %s: %w", withoutSecrets(req.Source), err)
	}
	p := &Plugin{Metadata: *a.meta}
	out := &Installed{Plugin: p, Manifest: from.manifest}
	if req.Keys != nil {
		if out.Verification, err = from.verify(p, req.Keys); err != nil {
			return nil, err
		}
	}
	err = i.inside(func(dir string) (string, error) {
		if err := os.Mkdir(dir, 0o755); err != nil {
			return "", err
		}
		if err := a.unpack(dir); err != nil {
			return "", err
		}
		var err error
		p.Dir, err = i.place(p, req, kind)
		return p.Dir, err
	})
	if err != nil {
		return nil, err
	}
	i.keep(p.ArchiveName(), from.data)
	if from.provenance != nil {
		i.keep(p.ArchiveName()+provenanceSuffix, from.provenance)
	}
	return out, nil
}

func (i *Installer) keep(name string, data []byte) {
	if err := atomicfile.Bytes(filepath.Join(i.cfg.Dirs[0], name), 0o644, data); err != nil {
		i.cfg.Log.Debug("the archive of the plugin cannot be kept", "file", name, "error", err)
	}
}

func (f *packed) verify(p *Plugin, keys repo.Verifier) (*provenance.Verification, error) {
	if len(f.provenance) == 0 {
		return nil, ErrNoProvenance
	}
	name := f.signedName
	if name == "" {
		name = p.ArchiveName()
	}
	v, err := keys.Verify(f.data, name, f.provenance)
	if err != nil {
		return nil, fmt.Errorf("plugin verification failed: %w", err)
	}
	return v, nil
}

// inside has a plugin made in a folder where nobody looks for plugins, and then
// moves it to where fill says.
func (i *Installer) inside(fill func(dir string) (final string, err error)) (err error) {
	workshop, err := os.MkdirTemp(i.cfg.Dirs[0], workshopPrefix+"*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(workshop)) }()
	i.sweep(workshop)
	// Folders right below that of plugins are plugins.
	made := filepath.Join(workshop, "plugin")
	final, err := fill(made)
	if err != nil {
		return err
	}
	err = os.Rename(made, final)
	if errors.Is(err, fs.ErrExist) {
		return ErrExists // somebody else was faster
	}
	return err
}

// Folders in which plugins are made have names that begin with workshopPrefix. Nobody
// works in one for as long as abandoned.
const (
	workshopPrefix = ".pack-"
	abandoned      = 24 * time.Hour
)

// sweep removes what installations have left that were killed. How old that is is judged
// by the new folder beside it: both have their times from the same clock.
func (i *Installer) sweep(current string) {
	now, err := os.Stat(current)
	if err != nil {
		return
	}
	entries, err := os.ReadDir(i.cfg.Dirs[0])
	if err != nil {
		return
	}
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), workshopPrefix) {
			continue
		}
		info, err := e.Info()
		if err != nil || now.ModTime().Sub(info.ModTime()) < abandoned {
			continue
		}
		path := filepath.Join(i.cfg.Dirs[0], e.Name())
		if err := os.RemoveAll(path); err != nil {
			i.cfg.Log.Debug("what a killed installation left cannot be removed", "path", path, "error", err)
		}
	}
}

// Remove removes a plugin, and what was kept of its archive.
func (i *Installer) Remove(p *Plugin) error {
	if err := os.RemoveAll(p.Dir); err != nil {
		return err
	}
	if p.Version == "" {
		return nil
	}
	file := filepath.Join(filepath.Dir(p.Dir), p.ArchiveName())
	for _, name := range []string{file, file + provenanceSuffix} {
		if err := os.Remove(name); err != nil && !isNotExist(err) {
			i.cfg.Log.Debug("the archive of the plugin cannot be removed", "file", name, "error", err)
		}
	}
	return nil
}

// Update brings a plugin to what its git repository has by now, and returns it
// as it is then. A plugin that came from elsewhere is an error.
func (i *Installer) Update(ctx context.Context, p *Plugin) (*Plugin, error) {
	info, err := os.Lstat(p.Dir)
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		at, err := filepath.EvalSymlinks(p.Dir)
		if err != nil {
			return nil, err
		}
		return nil, fmt.Errorf("the plugin is a link to %s, which is as it is there", at)
	}
	if _, err := os.Lstat(filepath.Join(p.Dir, ".git")); err != nil {
		i.cfg.Log.Warn("cannot get information about plugin source", "location", p.Dir, "error", "no git repository")
		return nil, errors.New("cannot get information about plugin source")
	}
	if err := (git{proc: i.cfg.Process}).update(ctx, p.Dir); err != nil {
		return nil, err
	}
	updated, err := Load(p.Dir)
	if isNotExist(err) {
		return nil, ErrMissingMetadata
	}
	if err == nil && updated.Name != p.Name {
		i.cfg.Log.Warn("the plugin has another name now", "was", p.Name, "is", updated.Name)
	}
	return updated, err
}
