package plugin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// provenanceSuffix is what the name of an archive is followed by in that of its
// provenance file.
const provenanceSuffix = ".prov"

// maxProvenance bounds provenance files.
const maxProvenance = 4 << 20

// fetch gets a packed plugin and its provenance file, if there is one.
func (i *Installer) fetch(ctx context.Context, req InstallRequest, kind Kind) (*packed, error) {
	switch kind {
	case KindArchive:
		return readPacked(req.Source)
	case KindRegistry:
		return i.pull(ctx, req)
	}
	return i.download(ctx, req)
}

func readPacked(file string) (*packed, error) {
	data, err := bounded.ReadFile(file, maxArchive)
	if err != nil {
		return nil, fmt.Errorf("failed to read plugin file: %w", err)
	}
	p := &packed{data: data, signedName: filepath.Base(file)}
	p.provenance, err = bounded.ReadFile(file+provenanceSuffix, maxProvenance)
	if err != nil && !isNotExist(err) {
		return nil, fmt.Errorf("failed to access provenance file %s: %w", file+provenanceSuffix, err)
	}
	return p, nil
}

// download gets a packed plugin from a web server.
func (i *Installer) download(ctx context.Context, req InstallRequest) (*packed, error) {
	if i.cfg.Web == nil {
		return nil, errors.New("plugins from web servers are not supported here")
	}
	data, err := repo.ReadAll(ctx, i.cfg.Web, repo.Request{URL: req.Source, Access: req.Access, MaxBytes: maxArchive})
	if err != nil {
		return nil, err
	}
	return i.withProvenance(ctx, req, data)
}

// withProvenance gets the provenance file that lies beside an archive.
func (i *Installer) withProvenance(ctx context.Context, req InstallRequest, data []byte) (*packed, error) {
	u, err := url.Parse(req.Source)
	if err != nil {
		return nil, errors.New("the URL cannot be parsed")
	}
	p := &packed{data: data, signedName: fileNameOf(u)}
	u = u.JoinPath()
	u.Path += provenanceSuffix
	if u.RawPath != "" {
		u.RawPath += provenanceSuffix
	}
	text, err := repo.ReadAll(ctx, i.cfg.Web, repo.Request{
		URL: u.String(), Access: req.Access, Home: req.Source, MaxBytes: maxProvenance,
	})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		// Whether that matters depends on whether it is to be verified.
		i.cfg.Log.Debug("no provenance file", "error", err)
		return p, nil
	}
	p.provenance = text
	return p, nil
}

func fileNameOf(u *url.URL) string {
	return u.Path[strings.LastIndex(u.Path, "/")+1:]
}

// probe finds out whether a URL that says nothing of itself names a packed
// plugin, and gets it if so. Neither that nor an error means that git has to
// know.
func (i *Installer) probe(ctx context.Context, req InstallRequest) (*packed, error) {
	u, web := webURL(req.Source)
	if !web || i.cfg.Web == nil || knownForge(u) || strings.HasSuffix(u.Path, ".git") {
		return nil, CheckSource(req.Source)
	}
	res, err := i.cfg.Web.Get(ctx, repo.Request{URL: req.Source, Access: req.Access, MaxBytes: maxArchive})
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		if e, ok := errors.AsType[*repo.Error](err); ok && e.Status == 0 {
			return nil, unknownSource(req.Source, err) // git does not reach the server either
		}
		return nil, nil
	}
	defer res.Body.Close()
	magic := make([]byte, 2)
	if _, err := io.ReadFull(res.Body, magic); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return nil, nil // a page about the repository
	}
	rest, err := io.ReadAll(io.LimitReader(res.Body, maxArchive))
	if err != nil {
		return nil, err
	}
	return i.withProvenance(ctx, req, append(magic, rest...))
}

// knownForge says whether a host has git repositories and nothing else under
// URLs that do not say so.
func knownForge(u *url.URL) bool {
	switch strings.ToLower(u.Hostname()) {
	case "github.com", "gitlab.com", "bitbucket.org", "codeberg.org":
		return true
	}
	return false
}

// unknownSource is Helm's text for what cannot be installed from.
func unknownSource(source string, err error) error {
	return fmt.Errorf("cannot get information about plugin source %q (if it's a local directory, does it exist?), last error was: %w",
		withoutSecrets(source), err)
}

// pull gets a plugin from a registry.
func (i *Installer) pull(ctx context.Context, req InstallRequest) (*packed, error) {
	if i.cfg.Registry == nil {
		return nil, errors.New("plugins from registries are not supported here")
	}
	ref, err := repo.ParseOCI(req.Source)
	if err != nil {
		return nil, err
	}
	name := ref.Name()
	if !validName(name) {
		return nil, fmt.Errorf("invalid OCI reference: %q cannot be the name of a plugin", name)
	}
	registry, err := i.cfg.Registry()
	if err != nil {
		return nil, err
	}
	if err := chooseTag(ctx, registry, req, &ref); err != nil {
		return nil, err
	}
	pulled, err := registry.PullPlugin(ctx, ref.String(), name, req.Access)
	if err != nil {
		return nil, fmt.Errorf("failed to pull plugin from %s: %w", req.Source, err)
	}
	return &packed{data: pulled.Chart, provenance: pulled.Provenance, manifest: pulled.Digest}, nil
}

// chooseTag settles which tag a reference means: its own, the version, or the
// highest one that satisfies the version as a constraint.
func chooseTag(ctx context.Context, registry Registry, req InstallRequest, ref *repo.OCIRef) error {
	switch {
	case req.Version == "" && (ref.Tag != "" || ref.Digest != ""), req.Version != "" && req.Version == ref.Tag:
		return nil
	case ref.Tag != "":
		return fmt.Errorf("plugin reference and version mismatch: %s is not %s", req.Version, ref.Tag)
	case validVersion(req.Version):
		ref.Tag = req.Version
		return nil
	}
	tags, err := registry.Versions(ctx, ref.Repository, req.Access)
	if err != nil {
		return fmt.Errorf("failed to list the versions of %s: %w", req.Source, err)
	}
	if len(tags) == 0 {
		return fmt.Errorf("unable to locate any tags in provided repository: %s: %w", req.Source, repo.ErrNotFound)
	}
	ref.Tag, err = repo.MatchTag(tags, req.Version)
	return err
}
