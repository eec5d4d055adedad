package kube

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// Watch yields the state of each object at once and whenever it changes, until
// ctx ends (which ends it without an error) or the caller stops. Objects of one
// kind in one namespace share a list and a watch. A watch that is cut off is
// taken up again, however long the server is away; where list or watch is
// forbidden the objects are read every Options.PollInterval. An object that
// does not exist, or whose kind is not served, is in state NotFound.
//
// Every goroutine has ended when the loop over it is left.
func (c *Client) Watch(ctx context.Context, refs []manifest.Ref, opts release.WatchOptions) iter.Seq2[release.State, error] {
	return func(yield func(release.State, error) bool) {
		groups, err := c.watchGroups(ctx, refs, opts)
		if err != nil {
			if ctx.Err() == nil {
				yield(release.State{}, err)
			}
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		sights := make(chan sight)
		var wg sync.WaitGroup
		for _, g := range groups {
			g.sights = sights
			wg.Go(func() { g.run(ctx) })
		}
		defer wg.Wait()
		defer cancel()
		for {
			select {
			case s := <-sights:
				if !yield(s.state, s.err) || s.err != nil {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}
}

// sight is a state, or the error that ends a watch.
type sight struct {
	state release.State
	err   error
}

// watchGroup watches the objects of one kind in one namespace.
type watchGroup struct {
	client *Client
	opts   release.WatchOptions
	api    api // its resource is empty for a kind that is not served
	names  []string
	refs   map[string]manifest.Ref // by name
	sights chan<- sight

	namespace string
	polling   bool
	// last are the last states, by name.
	last map[string]release.State
	// first is when objects without a status were seen first, by name; statusTime is how
	// long they have to get one.
	first      map[string]time.Time
	statusTime time.Duration
	// told: the last watch has told something.
	told bool
	// version is the resource version from which a watch goes on; empty means
	// that a list comes first.
	version string
}

// watchGroups sorts objects by kind and namespace.
func (c *Client) watchGroups(ctx context.Context, refs []manifest.Ref, opts release.WatchOptions) ([]*watchGroup, error) {
	type key struct{ apiVersion, kind, namespace string }
	byKey := map[key]*watchGroup{}
	var groups []*watchGroup
	for _, ref := range refs {
		k := key{ref.APIVersion, ref.Kind, ref.Namespace}
		g := byKey[k]
		if g == nil {
			found, err := c.resolve(ctx, ref)
			if err != nil && !errors.Is(err, ErrNoMatch) {
				return nil, err
			}
			g = &watchGroup{
				client: c, opts: opts, api: found, namespace: ref.Namespace, statusTime: statusTimeIn(ctx),
				refs: map[string]manifest.Ref{}, last: map[string]release.State{}, first: map[string]time.Time{},
			}
			byKey[k] = g
			groups = append(groups, g)
		}
		if _, twice := g.refs[ref.Name]; !twice {
			g.names = append(g.names, ref.Name)
		}
		g.refs[ref.Name] = ref
	}
	return groups, nil
}

// run watches until ctx ends, or nothing can be learned.
func (g *watchGroup) run(ctx context.Context) {
	if g.api.resource == "" {
		g.seeAll(ctx, nil)
		return
	}
	look, failures := g.follow, 0
	for ctx.Err() == nil {
		began := time.Now()
		g.told = false
		err := look(ctx)
		log := g.client.opts.Logger.With("kind", g.api.kind, "namespace", g.namespace, "error", err)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			failures = 0
		case !g.polling && (apierrors.IsForbidden(err) || apierrors.IsMethodNotSupported(err)):
			log.Debug("objects may not be watched, and are read time and again")
			look, g.polling = g.poll, true
			continue
		case g.client.mayPass(err):
			log.Debug("a watch was cut off")
			if failures++; failures >= patientAttempts {
				g.client.warnOfOutage(err)
			}
		default:
			g.send(ctx, sight{err: err})
			return
		}
		g.rest(ctx, err != nil, time.Since(began) < g.client.opts.PollInterval)
	}
}

// rest is what lies between two looks, of which the one before failed, or was short. A
// watch that has lasted is taken up again at once.
func (g *watchGroup) rest(ctx context.Context, failed, short bool) {
	if (failed || short) && !g.told {
		// What stands before the server may let no watch through: the lists that come
		// first tell what there is.
		g.version = ""
	}
	if g.polling || short {
		g.pause(ctx)
	}
}

// mayPass says whether the cause of an error may go away by itself.
func (c *Client) mayPass(err error) bool {
	var status *statusError
	if errors.As(err, &status) {
		return status.code != http.StatusUnauthorized && judgeStatus(status) != final
	}
	return c.judgeTransport(err) != final
}

// pause waits, and judges anew meanwhile what time changes.
func (g *watchGroup) pause(ctx context.Context) {
	if sleep(ctx, g.client.opts.PollInterval) == nil {
		g.reconsider(ctx)
	}
}

// follow lists the objects unless it knows from where to go on, and watches
// them until the watch ends; nil means that it can be taken up again.
func (g *watchGroup) follow(ctx context.Context) error {
	if g.version == "" {
		if err := g.list(ctx); err != nil {
			return err
		}
	}
	return g.watch(ctx)
}

// poll reads each object once.
func (g *watchGroup) poll(ctx context.Context) error {
	for _, name := range g.names {
		object, err := g.client.Get(ctx, g.refs[name])
		if err != nil && !errors.Is(err, release.ErrObjectNotFound) {
			return err
		}
		g.see(ctx, name, object.Content)
	}
	return nil
}

// seeAll notes that exactly these objects exist.
func (g *watchGroup) seeAll(ctx context.Context, objects map[string]map[string]any) {
	for _, name := range g.names {
		g.see(ctx, name, objects[name])
	}
}

// see notes an object, nil for none, and passes its state on. What was the
// same before is not passed on again.
func (g *watchGroup) see(ctx context.Context, name string, object map[string]any) {
	old, known := g.last[name]
	if known && (object == nil) == (old.Object == nil) && metaString(object, "resourceVersion") == metaString(old.Object, "resourceVersion") {
		return
	}
	g.last[name] = g.judge(g.refs[name], object)
	g.send(ctx, sight{state: g.last[name]})
}

// judge is the state of an object now.
func (g *watchGroup) judge(ref manifest.Ref, object map[string]any) release.State {
	s := g.client.stateOf(ref, object, g.opts, g.client.opts.Now())
	if object == nil {
		delete(g.first, ref.Name)
		return s
	}
	g.awaitStatus(&s)
	return s
}

// reconsider judges objects anew whose judgement time changes.
func (g *watchGroup) reconsider(ctx context.Context) {
	for _, name := range g.names {
		old := g.last[name]
		if !changesWithTime(old) {
			continue
		}
		s := g.judge(old.Ref, old.Object)
		if s.Status != old.Status || s.Message != old.Message {
			g.last[name] = s
			g.send(ctx, sight{state: s})
		}
	}
}

func (g *watchGroup) send(ctx context.Context, s sight) {
	select {
	case g.sights <- s:
	case <-ctx.Done():
	}
}
