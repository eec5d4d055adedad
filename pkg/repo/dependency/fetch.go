package dependency

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

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
	// digest is what a lock file says of the content.
	digest string
	// from is what the archive is called in errors: where it came from.
	from string
	// chart is the content, if the chart is completed with it.
	chart *chart.Chart
	// notes are lines about it.
	notes []string
}

// fetchAll gets the archives of what is locked, several at once, each once, and
// tells of each in the order of the dependencies.
func (w *work) fetchAll(ctx context.Context) ([]fetched, error) {
	defer w.close()
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer group.Wait()
	defer cancel()
	first := w.repeats()
	run := newRun(len(w.locked))
	group.Go(func() { w.fetchInto(ctx, first, run) })
	w.m.cfg.Tell(fmt.Sprintf("Saving %d charts", len(w.locked)))
	var out []fetched
	for i := range w.locked {
		w.announce(i, first[i] != i)
		if first[i] != i {
			continue
		}
		f, err := run.wait(i)
		if err != nil {
			return nil, err
		}
		for _, note := range f.notes {
			w.m.cfg.Tell(note)
		}
		if f.name != "" {
			out = append(out, f)
		}
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return w.distinct(out)
}

// fetchInto fetches what first does not say is the same as another one. Folders
// are packed one after the other: what they have in common is made once.
func (w *work) fetchInto(ctx context.Context, first []int, r *run) {
	defer r.end()
	var folders, others []int
	for i := range w.locked {
		switch {
		case first[i] != i:
			r.sent[i] = true
		case w.places[i].kind == inFolder:
			folders = append(folders, i)
		default:
			others = append(others, i)
		}
	}
	one := func(i int) bool {
		f, err := w.fetch(ctx, i)
		return r.set(i, f, err)
	}
	parallel.Do(w.m.cfg.Parallel, 1+len(others), func(n int) bool {
		if n > 0 {
			return one(others[n-1])
		}
		return !slices.ContainsFunc(folders, func(i int) bool { return !one(i) })
	})
}

// announce tells that a dependency is being fetched.
func (w *work) announce(i int, again bool) {
	d := w.locked[i]
	switch w.places[i].kind {
	case inCharts:
		w.m.cfg.Tell(fmt.Sprintf("Dependency %s did not declare a repository. Assuming it exists in the charts directory", d.Name))
	case inFolder:
		w.m.cfg.Log.Debug("archiving", "name", d.Name, "repository", d.Repository)
	default:
		doing := "Downloading"
		if again {
			doing = "Already downloaded"
		}
		w.m.cfg.Tell(fmt.Sprintf("%s %s from repo %s", doing, d.Name, shown(d.Repository)))
	}
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
	if _, err := semver.NewVersion(d.Version); err != nil {
		return fetched{}, fmt.Errorf("dependency %s: the version %q: %w", d.Name, d.Version, err)
	}
	f := fetched{dep: d, name: key(d) + archiveSuffix}
	a, err := w.archive(ctx, &f, p)
	if err != nil {
		return f, err
	}
	if a.ProvenanceErr != nil && w.m.cfg.Provenance == repo.ProvenanceIfPossible {
		f.notes = append(f.notes, fmt.Sprintf("WARNING: Verification not found for %s: %s", w.source(d, p), a.ProvenanceErr))
	}
	if a.Manifest != "" {
		// The tag as the registry has it.
		ref := strings.ReplaceAll(strings.TrimPrefix(a.URL, repo.OCIScheme), "+", "_")
		f.notes = append(f.notes, "Pulled: "+ref, "Digest: "+a.Manifest)
	}
	f.data, f.prov, f.digest, f.from = a.Data, a.Provenance, repo.DigestOf(a.Data), repo.Redact(a.URL)
	return f, w.check(&f)
}

// archive takes an archive that is at hand, or downloads it.
func (w *work) archive(ctx context.Context, f *fetched, p *place) (*repo.Archive, error) {
	data, ok := w.atHand(f.dep)
	if w.opts.Offline && !ok {
		var err error
		if data, err = w.keptOffline(f.dep, p); err != nil {
			return nil, err
		}
		ok = true
	}
	// With signatures to check, what the server has to say of them counts.
	if ok && (w.trusts() || w.opts.Offline) {
		prov, err := w.vendoredProvenance(f.dep)
		if err != nil {
			return nil, err
		}
		a := &repo.Archive{Name: f.name, URL: w.source(f.dep, p), Home: p.entry.URL, Data: data, Digest: repo.DigestOf(data), Provenance: prov, Cached: true}
		return w.m.cfg.Fetcher.Accept(ctx, w.request(), a)
	}
	a, err := w.download(ctx, f.dep, p)
	if err != nil {
		return nil, fmt.Errorf("could not download %s: %w", w.source(f.dep, p), err)
	}
	return a, nil
}

// source is what a dependency is called in errors, as Helm does it.
func (w *work) source(d *chart.Dependency, p *place) string {
	base := strings.TrimSuffix(shown(d.Repository), "/")
	if p.kind == inOCI {
		return base + "/" + d.Name
	}
	if v, err := w.chosen(d, p); err == nil {
		if at, err := repo.ResolveURL(p.entry.URL, v.URLs[0]); err == nil {
			return shown(at)
		}
	}
	return base + "/" + key(d)
}

func (w *work) request() repo.FetchRequest {
	return repo.FetchRequest{Provenance: w.m.cfg.Provenance, Keyring: w.m.cfg.Keyring, MaxBytes: maxBytes, Take: w.shared.budget.take}
}

// download fetches an archive from a repository or a registry.
func (w *work) download(ctx context.Context, d *chart.Dependency, p *place) (*repo.Archive, error) {
	req := w.request()
	if p.kind == inOCI {
		req.Ref = repo.OCIScheme + ociRepository(d)
		req.Version, req.Access = d.Version, w.m.cfg.Access
		return w.m.cfg.Fetcher.Fetch(ctx, req)
	}
	v, err := w.chosen(d, p)
	if err != nil {
		return nil, err
	}
	if p.kind == inUnknown {
		req.Access = w.tlsAccess()
	}
	return w.m.cfg.Fetcher.FetchVersion(ctx, req, p.entry, v)
}

// chosen is what the index of a repository says of the version that is locked.
func (w *work) chosen(d *chart.Dependency, p *place) (*repo.ChartVersion, error) {
	index, err := w.indexOf(p)
	if err != nil {
		return nil, err
	}
	return index.Choose(d.Name, func(version string, hasURLs bool) bool {
		return hasURLs && sameVersion(version, d.Version)
	})
}

// check sees to it that an archive is the one that was locked, and the chart
// that is wanted.
func (w *work) check(f *fetched) error {
	if err := w.checkContent(f, ""); err != nil {
		return err
	}
	c, err := w.shared.budget.read(f.data)
	if err != nil {
		return fmt.Errorf("dependency %s %s: %s: %w", f.dep.Name, f.dep.Version, f.from, err)
	}
	if c.Name() != f.dep.Name {
		return fmt.Errorf("dependency %s %s: %s holds the chart %q", f.dep.Name, f.dep.Version, f.from, c.Name())
	}
	if got := c.Metadata().Version; got != f.dep.Version && !sameVersion(got, f.dep.Version) {
		f.notes = append(f.notes, fmt.Sprintf("WARNING: the archive of %s %s holds version %s", f.dep.Name, f.dep.Version, got))
	}
	if w.keep {
		f.chart = c
	}
	return nil
}

// checkContent compares an archive, or the chart in a folder, with what the lock
// file says of it.
func (w *work) checkContent(f *fetched, folder string) error {
	want := w.contents[key(f.dep)]
	if want == "" || want == f.digest {
		return nil
	}
	return &ContentError{Name: f.dep.Name, Version: f.dep.Version, Lock: lockName(w.chart), Folder: folder, Want: want, Got: f.digest}
}

func sameVersion(a, b string) bool {
	x, errX := semver.NewVersion(a)
	y, errY := semver.NewVersion(b)
	return errX == nil && errY == nil && x.Equal(y)
}

// withSubcharts returns a chart with others among its subcharts. Those that it
// had of the same names go.
func withSubcharts(c *chart.Chart, list []fetched) *chart.Chart {
	var subs []*chart.Chart
	for _, f := range list {
		subs = append(subs, f.chart)
	}
	for _, old := range c.Dependencies() {
		if !slices.ContainsFunc(subs, func(s *chart.Chart) bool { return s.Name() == old.Name() }) {
			subs = append(subs, old)
		}
	}
	return c.WithDependencies(subs...)
}

// errCircle says that a chart is among its own dependencies.
var errCircle = errors.New("the chart depends on itself")
