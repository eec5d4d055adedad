package release_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// trip counts the calls of a bed's doubles while it is armed, and does something
// at some of them.
type trip struct {
	mu    sync.Mutex
	armed bool
	// calls are those so far; true are the store's.
	calls []bool
	// at says what happens at a call; its number counts from 1.
	at func(n int, store bool) error
}

func (tr *trip) call(store bool) error {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	if !tr.armed {
		return nil
	}
	tr.calls = append(tr.calls, store)
	if tr.at == nil {
		return nil
	}
	return tr.at(len(tr.calls), store)
}

func (tr *trip) bed(t testing.TB) *bed {
	return newBed(t, bedConfig{
		store:   releasetest.StoreConfig{Fail: func(releasetest.StoreCall) error { return tr.call(true) }},
		cluster: releasetest.ClusterConfig{Fail: func(releasetest.Call) error { return tr.call(false) }},
	})
}

// operation is something that can be interrupted.
type operation struct {
	name    string
	prepare func(b *bed)
	do      func(ctx context.Context, b *bed, opts release.ApplyOptions) error
	// again is what somebody does who saw it fail.
	again func(b *bed) error
	// undone: it is undone on failure, if the options say so.
	undone bool
}

func hookedChart(t testing.TB, names ...string) *chart.Chart {
	files := map[string]string{
		"crds/w.yaml": widgetCRD, "w.yaml": object("example.com/v1", "Widget", "w"),
		"h.yaml": object("batch/v1", "Job", "h",
			"helm.sh/hook: pre-install,post-upgrade,pre-delete,post-delete,pre-rollback",
			"helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded,hook-failed"),
	}
	for _, name := range names {
		files[name+".yaml"] = configMap(name, "{{ .Release.Revision }}")
	}
	return chartOf(t, files)
}

func operations() []operation {
	again := func(b *bed) error {
		_, err := b.try(b.Context(), release.DeployRequest{Mode: release.UpgradeOrInstall, Chart: hookedChart(b, "a", "b")}, release.ApplyOptions{Wait: release.WaitReady})
		return err
	}
	nothing := func(*bed) {}
	deployed := func(b *bed) { b.deploy(hookedChart(b, "a", "c")) }
	deploy := func(ctx context.Context, b *bed, opts release.ApplyOptions) error {
		_, err := b.try(ctx, release.DeployRequest{
			Mode: release.UpgradeOrInstall, Chart: hookedChart(b, "a", "b"), HistoryMax: 2, CreateNamespace: true,
		}, opts)
		return err
	}
	uninstall := func(keep bool) func(ctx context.Context, b *bed, opts release.ApplyOptions) error {
		return func(ctx context.Context, b *bed, opts release.ApplyOptions) error {
			return b.uninstall(ctx, release.UninstallRequest{KeepHistory: keep}, opts)
		}
	}
	uninstallAgain := func(b *bed) error {
		err := b.uninstall(b.Context(), release.UninstallRequest{}, release.ApplyOptions{Wait: release.WaitReady})
		if errors.Is(err, release.ErrNotFound) {
			return nil
		}
		return err
	}
	return []operation{
		{"install", nothing, deploy, again, true},
		{"install over what was uninstalled", func(b *bed) {
			deployed(b)
			if err := uninstall(true)(b.Context(), b, release.ApplyOptions{}); err != nil {
				b.Fatal(err)
			}
		}, deploy, again, true},
		{"upgrade", func(b *bed) { deployed(b); deployed(b) }, deploy, again, true},
		{"rollback", func(b *bed) { deployed(b); b.deploy(hookedChart(b, "b")) },
			func(ctx context.Context, b *bed, opts release.ApplyOptions) error {
				_, err := b.rollback(ctx, release.RollbackRequest{}, opts)
				return err
			}, again, false},
		{"uninstall", deployed, uninstall(false), uninstallAgain, false},
		{"uninstall that keeps the history", deployed, uninstall(true), uninstallAgain, false},
	}
}

// pending says whether the newest record is pending.
func (b *bed) pending() bool {
	records := b.records()
	return len(records) > 0 && strings.Contains(records[len(records)-1], " pending-")
}

// everyCall does an operation once for every call that it makes, or every one of
// the store, with what happens at that call, and checks what is left behind. A
// goroutine that is left fails the bubble.
func everyCall(t *testing.T, op operation, opts release.ApplyOptions, storeOnly bool, run func(t *testing.T, tr *trip, b *bed, k int)) {
	var calls []bool
	synctest.Test(t, func(t *testing.T) {
		tr := &trip{}
		b := tr.bed(t)
		op.prepare(b)
		tr.armed = true
		if err := op.do(t.Context(), b, opts); err != nil {
			t.Fatal(err)
		}
		calls = tr.calls
	})
	if len(calls) < 10 {
		t.Fatalf("only %d calls", len(calls))
	}
	for i, store := range calls {
		if storeOnly && !store {
			continue
		}
		k := i + 1
		synctest.Test(t, func(t *testing.T) {
			tr := &trip{}
			b := tr.bed(t)
			op.prepare(b)
			tr.armed = true
			run(t, tr, b, k)
			if t.Failed() {
				t.Fatalf("at call %d of %d: %v", k, len(calls), b.records())
			}
		})
	}
}

// eachOperation runs a test on all operations, with both failure policies where
// there are two.
func eachOperation(t *testing.T, test func(t *testing.T, op operation, opts release.ApplyOptions)) {
	for _, op := range operations() {
		for _, policy := range []release.FailurePolicy{release.KeepFailed, release.RollBack} {
			if policy == release.RollBack && !op.undone {
				continue
			}
			t.Run(fmt.Sprint(op.name, "/", policy), func(t *testing.T) {
				t.Parallel()
				test(t, op, release.ApplyOptions{Wait: release.WaitReady, OnFailure: policy})
			})
		}
	}
}

// TestCancelledAnywhere: the context ends at any call. The record is closed all
// the same, and doing it again succeeds.
func TestCancelledAnywhere(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, op operation, opts release.ApplyOptions) {
		everyCall(t, op, opts, false, func(t *testing.T, tr *trip, b *bed, k int) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			tr.at = func(n int, _ bool) error {
				if n == k {
					cancel()
				}
				return nil
			}
			err := op.do(ctx, b, opts)
			tr.armed = false
			if err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			if b.pending() {
				t.Error("the record was not closed")
			}
			if err := op.again(b); err != nil {
				t.Errorf("again: %v", err)
			}
		})
	})
}

// TestErrorAnywhere: any one call fails. The record is closed all the same, and
// doing it again succeeds.
func TestErrorAnywhere(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, op operation, opts release.ApplyOptions) {
		everyCall(t, op, opts, false, func(t *testing.T, tr *trip, b *bed, k int) {
			tr.at = func(n int, _ bool) error {
				if n == k {
					return errDenied
				}
				return nil
			}
			err := op.do(t.Context(), b, opts)
			tr.armed = false
			// Hooks that cannot be deleted are logged, and who may not read
			// namespaces is taken to have one.
			if err == nil && b.log.Len() == 0 && !strings.HasPrefix(op.name, "install") {
				t.Error("nobody was told")
			}
			if err != nil && !errors.Is(err, errDenied) {
				t.Errorf("error %v", err)
			}
			if b.pending() {
				t.Error("the record was not closed")
			}
			if err := op.again(b); err != nil {
				t.Errorf("again: %v", err)
			}
		})
	})
}

// wantOneDeployed fails unless the newest revision is deployed and no other one is,
// or pending.
func wantOneDeployed(t *testing.T, records []string) {
	t.Helper()
	for i, record := range records {
		record, _, _ = strings.Cut(record, ":")
		if deployed := strings.HasSuffix(record, " deployed"); deployed != (i == len(records)-1) || strings.Contains(record, " pending-") {
			t.Errorf("records %q", records)
		}
	}
}

// TestStoreLostAnywhere: the store is gone from some call on, as if the process had
// been killed there, and comes back. A record may stay pending; doing it again goes
// on from there.
func TestStoreLostAnywhere(t *testing.T) {
	t.Parallel()
	eachOperation(t, func(t *testing.T, op operation, opts release.ApplyOptions) {
		everyCall(t, op, opts, true, func(t *testing.T, tr *trip, b *bed, k int) {
			tr.at = func(n int, store bool) error {
				if store && n >= k {
					return errDenied
				}
				return nil
			}
			err := op.do(t.Context(), b, opts)
			tr.armed = false
			if err != nil && !errors.Is(err, errDenied) {
				t.Errorf("error %v", err)
			}
			if err := op.again(b); err != nil {
				t.Errorf("again: %v", err)
			}
			if records := b.records(); len(records) > 0 {
				wantOneDeployed(t, records)
			}
		})
	})
}
