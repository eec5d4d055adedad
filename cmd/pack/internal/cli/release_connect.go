package cli

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// connection is what the release commands work with.
type connection struct {
	engine *release.Engine
	// client is nil where there is no cluster: see driverMemory.
	client    *kube.Client
	namespace string
}

// key is a release of the namespace that is worked in.
func (c *connection) key(name string) release.Key {
	return release.Key{Namespace: c.namespace, Name: name}
}

// clusterGCPercent is less than what rendering alone is given: what a server answers is
// garbage as soon as it is read.
const clusterGCPercent = 300

// collectGarbageAt sets how much memory is given for time, unless GOGC does.
func (s *session) collectGarbageAt(percent int) {
	if _, set := s.Env("GOGC"); !set {
		debug.SetGCPercent(percent)
	}
}

// connect reads the kubeconfig and makes an engine. It sends no request.
func (s *session) connect(cfg render.Config) (*connection, error) {
	s.collectGarbageAt(clusterGCPercent)
	c := &connection{}
	store, cluster, err := s.backend(c)
	if err != nil {
		return nil, err
	}
	c.engine, err = release.New(release.Config{
		Store:   store,
		Cluster: cluster,
		Render:  cfg,
		Logger:  s.Log,
		Now:     s.Now,

		Identity: s.identity(),
	})
	return c, err
}

// backend is where the records are kept, as HELM_DRIVER says, and the cluster. It
// completes c.
func (s *session) backend(c *connection) (release.Store, release.Cluster, error) {
	var newStore func(*kube.Client) *kube.Store
	switch driver := s.getenvOr("DRIVER", ""); driver {
	case driverMemory:
		if s.getenvOr("MEMORY_DRIVER_DATA", "") == "" {
			s.Log.Warn("no cluster is reached and nothing is kept: HELM_DRIVER is memory")
		}
		c.namespace = s.namespace()
		return s.memoryBackend()
	case "", "secret", "secrets":
		newStore = kube.NewSecretStore
	case "configmap", "configmaps":
		newStore = kube.NewConfigMapStore
	case "sql":
		return nil, nil, errors.New("the driver \"sql\" is not supported: pack keeps records in the cluster, where Helm keeps them by default; " +
			"HELM_DRIVER is one of secret, configmap and memory")
	default:
		return nil, nil, fmt.Errorf("unknown driver %q: HELM_DRIVER is one of secret, configmap and memory", driver)
	}
	client, namespace, err := s.newClient()
	if err != nil {
		return nil, nil, err
	}
	c.client, c.namespace = client, namespace
	return newStore(client), client, nil
}

// offline is an engine that reaches no cluster: for --dry-run=client of an
// install.
func (s *session) offline(cfg render.Config) (*connection, error) {
	engine, err := release.New(release.Config{Render: cfg, Logger: s.Log, Now: s.Now})
	if err != nil {
		return nil, err
	}
	return &connection{engine: engine, namespace: s.namespace()}, nil
}

// applyOptions are the options common to all writing commands. Done is to be
// called when the operation has ended.
func (s *session) applyOptions(w *waitFlags) (opts release.ApplyOptions, done func()) {
	strategy := w.resolve(s.Log)
	shown := s.newProgress()
	opts = release.ApplyOptions{
		Timeout:     w.timeout,
		WaitForJobs: w.jobs,
		FailFast:    w.failFast,
		Observe:     shown.observe,
		HookLogs:    s.Err,
	}
	if opts.FailFastGrace = w.grace; w.grace == 0 {
		opts.FailFastGrace = -1 // in the library 0 is the default
	}
	switch strategy {
	case waitWatcher:
		opts.Wait = release.WaitReady
	case waitLegacy:
		opts.Wait = release.WaitLegacy
	case waitHookOnly:
		opts.Wait = release.WaitHooks
	}
	return opts, shown.close
}

// onOneProcessor has what follows run on one processor, until restore is called.
//
// A change is hundreds of small requests and the waiting for their answers. With several
// processors each answer wakes a thread on another one, which is a fifth of the time that
// the program takes; what it waits for is the server.
func (s *session) onOneProcessor() (restore func()) {
	if s.OneProcessor == nil {
		return func() {}
	}
	return s.OneProcessor()
}

// cancelNotice prints what Helm prints when a signal ends an operation.
func (s *session) cancelNotice(ctx context.Context, name string) func() {
	stop := context.AfterFunc(ctx, func() { s.print("Release %s has been cancelled.\n", name) })
	return func() { stop() }
}

// ansic is a time in the form of Helm's tables.
func ansic(t release.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.ANSIC)
}

// print writes a line of a result.
func (s *session) print(format string, args ...any) {
	fmt.Fprint(s.Out, visible(fmt.Sprintf(format, args...)))
}
