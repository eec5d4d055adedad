package kube_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// What a program relies on that keeps one engine for long: many releases at once,
// nothing that runs on after a call, memory that does not grow. These tests count
// goroutines, so none of them is parallel to others.

// embedded is an engine as a program would have it, and a chart.
type embedded struct {
	*testing.T
	*release.Engine
	namespace string
	chart     *chart.Chart
}

func newEmbedded(t *testing.T) *embedded {
	t.Helper()
	needCluster(t)
	client := clientOf(t, cluster.Kubeconfig(), kube.Options{Logger: slog.New(slog.NewTextHandler(io.Discard, nil))})
	engine, err := release.New(release.Config{Store: kube.NewSecretStore(client), Cluster: client})
	if err != nil {
		t.Fatal(err)
	}
	c, err := chart.Load(fstest.MapFS{
		"Chart.yaml": {Data: []byte("apiVersion: v2\nname: web\nversion: 1.2.3\n")},
		"templates/config.yaml": {Data: []byte(`apiVersion: v1
kind: ConfigMap
metadata: {name: "{{ .Release.Name }}"}
data: {count: {{ quote .Values.count }}}
`)},
		"templates/service.yaml": {Data: []byte(`apiVersion: v1
kind: Service
metadata: {name: "{{ .Release.Name }}"}
spec: {ports: [{port: 80}]}
`)},
		"templates/hook.yaml": {Data: []byte(`apiVersion: v1
kind: ConfigMap
metadata:
  name: "{{ .Release.Name }}-hook"
  annotations: {helm.sh/hook: "pre-install,post-upgrade", helm.sh/hook-delete-policy: "before-hook-creation,hook-succeeded"}
`)},
	}, chart.LoadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return &embedded{T: t, Engine: engine, namespace: cluster.Namespace(t), chart: c}
}

// deploy installs a release or upgrades it.
func (e *embedded) deploy(ctx context.Context, name string, n int) error {
	plan, err := e.PlanDeploy(ctx, release.DeployRequest{
		Key: release.Key{Namespace: e.namespace, Name: name}, Mode: release.UpgradeOrInstall,
		Chart: e.chart, Values: map[string]any{"count": n}, HistoryMax: 3,
	})
	if err != nil {
		return err
	}
	_, err = e.Apply(ctx, plan, release.ApplyOptions{Wait: release.WaitReady, Observe: func(release.Event) {}})
	return err
}

func (e *embedded) rollback(ctx context.Context, name string) error {
	plan, err := e.PlanRollback(ctx, release.RollbackRequest{Key: release.Key{Namespace: e.namespace, Name: name}})
	if err != nil {
		return err
	}
	_, err = e.Apply(ctx, plan, release.ApplyOptions{Wait: release.WaitReady})
	return err
}

func (e *embedded) uninstall(ctx context.Context, name string) error {
	plan, err := e.PlanUninstall(ctx, release.UninstallRequest{Key: release.Key{Namespace: e.namespace, Name: name}})
	if err != nil {
		return err
	}
	_, err = e.Apply(ctx, plan, release.ApplyOptions{Wait: release.WaitReady})
	return err
}

// running are the goroutines that are in the code of pack, but for tests.
func running() []string {
	buf := make([]byte, 16<<20)
	var found []string
	for _, stack := range strings.Split(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		if strings.Contains(stack, "seed-0d4f92cc/pack/pkg/") && !strings.Contains(stack, "kube_test.") && !strings.Contains(stack, "testing.") {
			found = append(found, stack)
		}
	}
	return found
}

func (e *embedded) nothingRuns(after string) {
	e.Helper()
	if left := running(); len(left) > 0 {
		e.Errorf("%d goroutines run on after %s:\n%s", len(left), after, strings.Join(left, "\n\n"))
	}
}

//nolint:paralleltest // it counts goroutines
func TestEngineManyAtOnce(t *testing.T) {
	e := newEmbedded(t)
	const releases = 100
	var wg sync.WaitGroup
	for i := range releases {
		wg.Go(func() {
			name := fmt.Sprintf("web-%d", i)
			err := errors.Join(e.deploy(t.Context(), name, 1), e.deploy(t.Context(), name, 2), e.rollback(t.Context(), name))
			if i%2 == 1 {
				err = errors.Join(err, e.uninstall(t.Context(), name))
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		})
	}
	wg.Wait()
	e.nothingRuns("all calls")
	list, err := e.List(t.Context(), release.ListFilter{Namespace: e.namespace})
	if err != nil || len(list) != releases/2 {
		t.Fatalf("%d releases, error %v", len(list), err)
	}
	for _, s := range list {
		if s.Revision != 3 || s.Status != release.StatusDeployed {
			t.Errorf("%+v", s)
		}
		var live struct{ Data map[string]string }
		if err := cluster.Do(t.Context(), "GET", "/api/v1/namespaces/"+e.namespace+"/configmaps/"+s.Key.Name, nil, &live); err != nil || live.Data["count"] != "1" {
			t.Errorf("%s: count is %q, error %v", s.Key.Name, live.Data["count"], err)
		}
	}
	for i := range releases {
		err := cluster.Do(t.Context(), "GET", fmt.Sprintf("/api/v1/namespaces/%s/services/web-%d", e.namespace, i), nil, nil)
		if (err == nil) != (i%2 == 0) {
			t.Errorf("service of web-%d: %v", i, err)
		}
	}
}

// TestEngineLeavesNothing: a call has ended when it returns, however soon its context
// ended; and the next one goes on from there.
//
//nolint:paralleltest // it counts goroutines
func TestEngineLeavesNothing(t *testing.T) {
	e := newEmbedded(t)
	calls := map[string]func(context.Context) error{
		"deploy":    func(ctx context.Context) error { return e.deploy(ctx, "web", 1) },
		"rollback":  func(ctx context.Context) error { return e.rollback(ctx, "web") },
		"uninstall": func(ctx context.Context) error { return e.uninstall(ctx, "web") },
	}
	for _, after := range []time.Duration{0, 1, 3, 7, 12, 18, 25, 35, 50, 70} {
		for _, name := range []string{"deploy", "rollback", "uninstall"} {
			ctx, cancel := context.WithTimeout(t.Context(), after*time.Millisecond)
			err := calls[name](ctx)
			e.nothingRuns(fmt.Sprintf("%s of %s, which returned %v", name, after*time.Millisecond, err))
			cancel()
			for range 2 {
				if err := e.deploy(t.Context(), "web", 2); err != nil {
					t.Fatalf("after a %s that was cut off after %s (%v): %v", name, after*time.Millisecond, err, err)
				}
			}
			e.nothingRuns("deploy")
		}
	}
}

//nolint:paralleltest // it measures memory
func TestEngineMemoryStays(t *testing.T) {
	e := newEmbedded(t)
	used := func(rounds int) uint64 {
		for i := range rounds {
			if err := e.deploy(t.Context(), "web", i); err != nil {
				t.Fatal(err)
			}
		}
		runtime.GC()
		runtime.GC() // what pools hold goes with the second
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before := used(10)
	const rounds = 40
	after := used(rounds)
	// Each call allocates some hundred kilobytes; a call that kept one object of
	// its own would keep more than this.
	if growth := int64(after) - int64(before); growth > rounds*4<<10 {
		t.Errorf("%d bytes in use after 10 upgrades, %d more after %d further ones", before, growth, rounds)
	}
}
