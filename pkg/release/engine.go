package release

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// Config is with what an Engine works.
type Config struct {
	// Store keeps the records. Nil leaves only plans of DeployRequest.Offline.
	Store Store
	// Cluster is where objects are applied. Nil leaves only what needs none:
	// plans of DeployRequest.Offline and reading records.
	Cluster Cluster
	// Render is the configuration of rendering. Where its Lookup is nil and
	// the cluster has a method of that type, that answers.
	Render render.Config
	// Logger takes warnings and details; nil discards them.
	Logger *slog.Logger
	// Now is the clock of records; nil means time.Now.
	Now func() time.Time
	// Parallel bounds how many objects are read or written at once; 0 means
	// 32: a server spends most of a write waiting for its store.
	Parallel int
	// Identity is what is written on the records that are being worked on, so
	// that others know who does.
	Identity Identity
}

// Engine plans and carries out changes to releases. It is safe for concurrent
// use; no two operations on one release get past the creation of their record.
type Engine struct {
	cfg Config
}

// Looker is a Cluster that can answer the template function lookup.
type Looker interface {
	Lookup(ctx context.Context, apiVersion, kind, namespace, name string) (map[string]any, error)
}

// BatchReader is a Cluster that reads many objects by few requests. The result
// has an element for each ref, nil for an object that does not exist.
type BatchReader interface {
	GetAll(ctx context.Context, refs []manifest.Ref) ([]*Object, error)
}

// MetadataReader is a BatchReader that can read objects without what is beside their
// metadata, which is all that removing them needs.
type MetadataReader interface {
	GetAllMetadata(ctx context.Context, refs []manifest.Ref) ([]*Object, error)
}

// New returns an Engine. It does no I/O. The error is for a Config that cannot
// work.
func New(cfg Config) (*Engine, error) {
	if cfg.Cluster != nil && cfg.Store == nil {
		return nil, errors.New("release: an engine with a cluster needs a store for its records")
	}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Parallel <= 0 {
		cfg.Parallel = 32
	}
	return &Engine{cfg: cfg}, nil
}

// The errors of an engine that was made without what an operation needs.
var (
	errNoCluster = errors.New("release: this needs a cluster, and the engine was made without one")
	errNoStore   = errors.New("release: this needs a store, and the engine was made without one")
)

func (e *Engine) needCluster() error {
	if e.cfg.Cluster == nil {
		return errNoCluster
	}
	return nil
}

func (e *Engine) now() Time { return Time{e.cfg.Now()} }

// records answers questions about the records; what they leave out is logged.
func (e *Engine) records() Records {
	return Records{
		Store: e.cfg.Store, Parallel: e.cfg.Parallel,
		Damaged: func(err *RecordError) {
			e.cfg.Logger.Warn("a release record cannot be read and is passed over", "error", err)
		},
		Forbidden: func(namespaces []string) {
			e.cfg.Logger.Warn("namespaces are left out whose release records may not be listed", "namespaces", strings.Join(namespaces, ","))
		},
	}
}

// heads are the heads of a release's records, oldest first.
func (e *Engine) heads(ctx context.Context, key Key) ([]Head, error) {
	if e.cfg.Store == nil {
		return nil, errNoStore
	}
	return e.records().Heads(ctx, key)
}

// Get reads a revision of a release; 0 is the newest. ErrNotFound.
func (e *Engine) Get(ctx context.Context, key Key, revision int) (*Release, error) {
	if err := e.checkKey(key); err != nil {
		return nil, err
	}
	if revision == 0 {
		return e.records().Last(ctx, key)
	}
	return e.cfg.Store.Get(ctx, key, revision)
}

// History reads the newest n revisions of a release, oldest first; 0 means all.
// ErrNotFound.
func (e *Engine) History(ctx context.Context, key Key, n int) ([]*Release, error) {
	if err := e.checkKey(key); err != nil {
		return nil, err
	}
	return e.records().Newest(ctx, key, n)
}

// Summaries returns what a history shows of the newest n revisions of a release,
// oldest first; 0 means all. It reads less than History. ErrNotFound.
func (e *Engine) Summaries(ctx context.Context, key Key, n int) ([]Summary, error) {
	if err := e.checkKey(key); err != nil {
		return nil, err
	}
	return e.records().Summaries(ctx, key, n)
}

// Refs identifies the objects of a revision in the cluster, in the order of its
// manifest. Kinds that the cluster no longer knows are left out and logged.
func (e *Engine) Refs(ctx context.Context, rel *Release) ([]manifest.Ref, error) {
	if err := e.needCluster(); err != nil {
		return nil, err
	}
	plan := &Plan{Key: rel.Key()}
	p := &objectPlanner{Engine: e, plan: plan, opts: BuildOptions{Namespace: rel.Namespace}}
	objects, err := p.buildOld(ctx, rel.Manifest)
	for _, w := range plan.Warnings {
		e.cfg.Logger.Warn(w)
	}
	refs := make([]manifest.Ref, 0, len(objects))
	for _, o := range objects {
		refs = append(refs, o.Ref)
	}
	return refs, err
}

// List reads what a filter asks for; none is no error. Of all namespaces those that
// may not be listed are left out and logged, if the store can name the others.
func (e *Engine) List(ctx context.Context, f ListFilter) ([]Summary, error) {
	if e.cfg.Store == nil {
		return nil, errNoStore
	}
	return e.records().List(ctx, f)
}

// checkKey checks a name before it is asked for: a name that cannot exist is
// a mistake to point out, not a release that is not there.
func (e *Engine) checkKey(key Key) error {
	if e.cfg.Store == nil {
		return errNoStore
	}
	return ValidateName(key.Name)
}

// current is the revision whose objects an upgrade starts from: the newest that
// is deployed, or else the last one if it failed, was cut off or was superseded.
// The rule is Helm's; damaged records are passed over. Nil means that there is
// none. Last is the newest record that can be read.
func (e *Engine) current(ctx context.Context, heads []Head, last *Release, over []left) (*Release, error) {
	newest := heads[len(heads)-1].Status
	deployed := slices.DeleteFunc(slices.Clone(heads), func(h Head) bool {
		return h.Status != StatusDeployed || h.Revision > last.Version
	})
	if n := len(deployed); n > 0 && deployed[n-1].Revision == last.Version {
		return last, nil
	}
	if len(deployed) > 0 {
		rel, err := e.records().newestOf(ctx, deployed)
		if err == nil || !isGone(err) {
			return rel, err
		}
	}
	if last.status() == StatusDeployed {
		return last, nil // its label says otherwise, or there is none
	}
	if newest == StatusUninstalled || newest == StatusUninstalling {
		return nil, nil
	}
	if s := last.status(); s == StatusFailed || s == StatusSuperseded || s.IsPending() && isLeft(over, last.Version) {
		return last, nil
	}
	return nil, nil
}

// isGone says whether an error means that a record is not there to be read: it
// is damaged, or somebody removed it.
func isGone(err error) bool {
	_, damaged := errors.AsType[*RecordError](err)
	return damaged || errors.Is(err, ErrNotFound)
}

// prunable are the revisions that make room for the next one.
func prunable(heads []Head, limit int) []int {
	var revisions []int
	for _, h := range Prunable(heads, limit) {
		revisions = append(revisions, h.Revision)
	}
	return revisions
}
