package dependency

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/parallel"
	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// fetched is the archive of a dependency.
type fetched struct {
	dep *chart.Dependency
	// name is that of the file; empty for a chart in the charts folder, which
	// stays there.
	name string
	data []byte
	prov []byte
	// notes are lines about it.
	notes []string
}

// fetchAll gets the archives of what is locked, several at once, each once. The
// order is that of the dependencies.
func (w *work) fetchAll(ctx context.Context) ([]fetched, error) {
	defer w.close()
	out := make([]fetched, len(w.locked))
	errs := make([]error, len(w.locked))
	w.m.cfg.Tell(fmt.Sprintf("Saving %d charts", len(w.locked)))
	todo := w.announce()
	first := parallel.Do(w.m.cfg.Parallel, len(todo), func(n int) bool {
		i := todo[n]
		out[i], errs[i] = w.fetch(ctx, i)
		return errs[i] == nil
	})
	if first < len(todo) {
		return nil, errs[todo[first]]
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, i := range todo {
		for _, note := range out[i].notes {
			w.m.cfg.Tell(note)
		}
		if f := &out[i]; f.name != "" && w.places[i].kind != inFolder {
			w.contents[key(w.locked[i])] = repo.DigestOf(f.data)
		}
	}
	return slices.DeleteFunc(out, func(f fetched) bool { return f.name == "" }), nil
}

// announce tells what is going to be fetched, and returns which dependencies
// that is: what several have in common is fetched once.
func (w *work) announce() []int {
	var todo []int
	seen := map[string]bool{}
	for i, d := range w.locked {
		switch w.places[i].kind {
		case inCharts:
			w.m.cfg.Tell(fmt.Sprintf("Dependency %s did not declare a repository. Assuming it exists in the charts directory", d.Name))
		case inFolder:
			w.m.cfg.Log.Debug("archiving", "name", d.Name, "repository", d.Repository)
		default:
			id := strings.TrimSuffix(d.Repository, "/") + "\x00" + key(d)
			if seen[id] {
				w.m.cfg.Tell(fmt.Sprintf("Already downloaded %s from repo %s", d.Name, d.Repository))
				continue
			}
			seen[id] = true
			w.m.cfg.Tell(fmt.Sprintf("Downloading %s from repo %s", d.Name, d.Repository))
		}
		todo = append(todo, i)
	}
	return todo
}

// fetch gets the archive of a dependency, and checks that it is that.
func (w *work) fetch(ctx context.Context, i int) (fetched, error) {
	d, p := w.locked[i], &w.places[i]
	switch p.kind {
	case inCharts:
		return fetched{dep: d}, w.checkInCharts(d)
	case inFolder:
		return w.archiveFolder(ctx, d, p.folder)
	}
	f := fetched{dep: d, name: key(d) + archiveSuffix}
	data, ok := w.atHand(d)
	switch {
	case ok && w.m.cfg.Provenance == repo.ProvenanceIgnore:
		f.data = data
	case w.opts.Offline && w.m.cfg.Checked:
		return f, fmt.Errorf("%w: the signature of %s %s would have to be looked for", repo.ErrOffline, d.Name, d.Version)
	case w.opts.Offline:
		return f, w.offline(&f)
	default:
		a, err := w.download(ctx, d, p)
		if err != nil {
			return f, fmt.Errorf("could not download %s: %w", w.source(d), err)
		}
		if a.ProvenanceErr != nil && w.m.cfg.Provenance == repo.ProvenanceIfPossible {
			f.notes = append(f.notes, fmt.Sprintf("WARNING: Verification not found for %s: %s", w.source(d), a.ProvenanceErr))
		}
		if a.Manifest != "" {
			f.notes = append(f.notes, "Pulled: "+strings.TrimPrefix(a.URL, repo.OCIScheme), "Digest: "+a.Manifest)
		}
		f.data, f.prov = a.Data, a.Provenance
	}
	return f, w.check(&f)
}

// source is what a dependency is called in errors.
func (w *work) source(d *chart.Dependency) string {
	return strings.TrimSuffix(d.Repository, "/") + "/" + key(d)
}

// download fetches an archive from a repository or a registry.
func (w *work) download(ctx context.Context, d *chart.Dependency, p *place) (*repo.Archive, error) {
	req := repo.FetchRequest{Provenance: w.m.cfg.Provenance, Keyring: w.m.cfg.Keyring}
	if p.kind == inOCI {
		req.Ref = strings.TrimSuffix(d.Repository, "/") + "/" + d.Name
		req.Version, req.Access = d.Version, w.m.cfg.Access
		return w.m.cfg.Fetcher.Fetch(ctx, req)
	}
	index, err := w.index(p.index())
	if err != nil {
		return nil, fmt.Errorf("no cached repository for %s found. (try 'helm repo update'): %w", p.index(), err)
	}
	wanted, err := semver.NewVersion(d.Version)
	if err != nil {
		return nil, fmt.Errorf("version %q: %w", d.Version, err)
	}
	v, err := index.Choose(d.Name, func(version string, hasURLs bool) bool {
		parsed, err := semver.NewVersion(version)
		return err == nil && hasURLs && parsed.Equal(wanted)
	})
	if err != nil {
		return nil, err
	}
	if p.kind == inUnknown {
		req.Access = w.tlsAccess()
	}
	return w.m.cfg.Fetcher.FetchVersion(ctx, req, p.entry, v)
}

// offline takes an archive that is in the charts folder.
func (w *work) offline(f *fetched) error {
	var err error
	if f.data, err = w.vendored(f.dep); err != nil {
		return fmt.Errorf("%w: %s %s is neither in the cache nor in the charts folder", repo.ErrOffline, f.dep.Name, f.dep.Version)
	}
	return w.check(f)
}

// check sees to it that an archive is the one that was locked, and the chart
// that is wanted.
func (w *work) check(f *fetched) error {
	if digest := w.contents[key(f.dep)]; digest != "" {
		if err := repo.CheckDigest(f.data, digest); err != nil {
			return fmt.Errorf("dependency %s %s is not what %s says: %w", f.dep.Name, f.dep.Version, lockName(w.chart), err)
		}
	}
	c, err := chart.Read(bytes.NewReader(f.data), chart.LoadOptions{})
	if err != nil {
		return fmt.Errorf("dependency %s %s: %w", f.dep.Name, f.dep.Version, err)
	}
	if c.Name() != f.dep.Name {
		return fmt.Errorf("dependency %s %s: the archive holds the chart %q", f.dep.Name, f.dep.Version, c.Name())
	}
	if got := c.Metadata().Version; got != f.dep.Version && !sameVersion(got, f.dep.Version) {
		f.notes = append(f.notes, fmt.Sprintf("WARNING: the archive of %s %s holds version %s", f.dep.Name, f.dep.Version, got))
	}
	return nil
}

func sameVersion(a, b string) bool {
	x, errX := semver.NewVersion(a)
	y, errY := semver.NewVersion(b)
	return errX == nil && errY == nil && x.Equal(y)
}

// withSubcharts returns a chart with the charts in archives among its subcharts.
// Those that it had of the same names go.
func withSubcharts(c *chart.Chart, list []fetched) (*chart.Chart, error) {
	var subs []*chart.Chart
	for _, f := range list {
		sub, err := chart.Read(bytes.NewReader(f.data), chart.LoadOptions{})
		if err != nil {
			return nil, err
		}
		subs = append(subs, sub)
	}
	for _, old := range c.Dependencies() {
		if !slices.ContainsFunc(subs, func(s *chart.Chart) bool { return s.Name() == old.Name() }) {
			subs = append(subs, old)
		}
	}
	return c.WithDependencies(subs...), nil
}

// errCircle says that a chart is among its own dependencies.
var errCircle = errors.New("the chart depends on itself")
