package kube_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

const widgets = "example.com/v1"

func annotated(text string) string {
	return `metadata: {annotations: {pack.seed-0d4f92cc.github.io/ready: '` + strings.ReplaceAll(text, "'", "''") + `'}}`
}

func TestReadyAnnotation(t *testing.T) {
	t.Parallel()
	const current, busy, failing = release.ObjectCurrent, release.ObjectInProgress, release.ObjectFailed
	const noCondition = "it must be none, of the form {.status.phase}=Running, or an expression in CEL such as status.phase == 'Running'"
	const conditions = `status: {conditions: [{type: Synced, status: "False"}, {type: Ready, status: "True"}]}`
	for _, tt := range []struct {
		rule, status string
		want         release.ObjectStatus
		message      string
	}{
		{"{.status.phase}=Running", ``, busy, "{.status.phase} is not set"},
		{"{.status.phase}=Running", `status: {}`, busy, "{.status.phase} is not set"},
		{"{.status.phase}=Running", `status: {phase: Pending}`, busy, `{.status.phase} is "Pending", not "Running"`},
		{"{.status.phase}=Running", `status: {phase: null}`, busy, `{.status.phase} is "", not "Running"`},
		{"{.status.phase}=Running", `status: {phase: Running}`, current, "Resource is ready"},
		{" {.status.phase} = Running ", `status: {phase: Running}`, current, "Resource is ready"},
		{".status.phase=Running", `status: {phase: Running}`, current, "Resource is ready"},
		{"{.status.phase}=Running", `status: {phase: Running, observedGeneration: 0}`, current, "Resource is ready"},
		{"{.status.phase}=Running", `status: {phase: {a: b}}`, busy, "{.status.phase} is not a single value"},
		{"{.status.phase}", `status: {phase: {a: b}}`, current, "Resource is ready"},
		{"{.status.phase}", `status: {phase: ""}`, busy, "{.status.phase} is empty"},
		{"{.status.phase}", ``, busy, "{.status.phase} is not set"},
		{"{.status.replicas}=3", `status: {replicas: 3}`, current, "Resource is ready"},
		{"{.status.share}=0.5", `status: {share: 0.5}`, current, "Resource is ready"},
		{"{.status.ok}=true", `status: {ok: true}`, current, "Resource is ready"},
		{"{.status.ok}=true", `status: {ok: false}`, busy, `{.status.ok} is "false", not "true"`},
		{"{.status.a}=b=c", `status: {a: b=c}`, current, "Resource is ready"},
		{`{.status.conditions[?(@.type=="Ready")].status}=True`, conditions, current, "Resource is ready"},
		{`.status.conditions[?(@.type=="Synced")].status=True`, conditions, busy, `{.status.conditions[?(@.type=="Synced")].status} is "False", not "True"`},
		{`{.status.conditions[*].status}=True`, conditions, busy, `{.status.conditions[*].status} is "False", not "True"`},
		{`{.status.conditions[7].status}=True`, conditions, busy, "array index out of bounds: index 7, length 2"},
		{`{.status.a}=b`, `status: {conditions: [{type: Stalled, status: "True", message: no quota}]}`, failing, "no quota"},
		{`{.status.a}=b`, `status: {a: b, conditions: [{type: Stalled, status: "True", message: no quota}]}`, current, "Resource is ready"},
		{"none", `status: {conditions: [{type: Ready, status: "False"}]}`, current, "Resource is not waited for"},
		{"{.status.phase}=", ``, failing, "there is no value after ="},
		{"always", ``, failing, `"always": column 1: undeclared reference to "always": the names here are self, metadata, spec, status`},
		{"{.status.phase}!=Running", ``, failing, noCondition},
		{"{.status.phase}x{.a}", ``, failing, noCondition},
		{"{.status.phase", ``, failing, noCondition},
		{"{.status[?(@.x==]}", ``, failing, noCondition},
		{"{.status[?(@.x)}", ``, failing, noCondition},
		{"{.status[a]}", ``, failing, "invalid array index a"},
		{"status.phase == 'Running'", ``, busy, "there is no status yet"},
		{"self.status.phase == 'Running'", `status: null`, busy, "there is no status yet"},
		{"status.phase == 'Running'", `status: {}`, busy, "status.phase == 'Running': column 8: no such key: phase"},
		{"status.phase == 'Running'", `status: {phase: Pending}`, busy, "status.phase == 'Running' is false"},
		{"status.phase\n  == 'Running'", `status: {phase: Running}`, current, "Resource is ready"},
		{"self.status.replicas >= 2", `status: {replicas: 3}`, current, "Resource is ready"},
		{"status.conditions.exists(c, c.type == 'Synced' && c.status == 'False')", conditions, current, "Resource is ready"},
		{"status.phase == 'Running'", `status: {phase: Running, observedGeneration: 0}`, current, "Resource is ready"},
		{"status.phase", `status: {phase: Running}`, busy, "status.phase is neither true nor false"},
		{"status.phase > 3", `status: {phase: Running}`, busy, "status.phase > 3: column 14: > cannot compare a string with an int"},
		{"status.x", `status: {x: false, conditions: [{type: Stalled, status: "True", message: no quota}]}`, failing, "no quota"},
		{"status.phase = 'Running'", ``, failing, `column 14: "=" compares nothing: it must be "=="`},
		{"stat.phase == 'x'", ``, failing, `column 1: undeclared reference to "stat": the names here are self, metadata, spec, status`},
	} {
		t.Run(tt.rule+" "+tt.status, func(t *testing.T) {
			t.Parallel()
			object := thing(t, widgets, "Widget", annotated(tt.rule)+"\n"+tt.status)
			for _, legacy := range []bool{false, true} {
				s := firstState(t, widgets, "Widget", object, release.WatchOptions{Legacy: legacy})
				if s.Status != tt.want || !strings.HasSuffix(s.Message, tt.message) {
					t.Errorf("legacy %t: %s: %s, want %s: %s", legacy, s.Status, s.Message, tt.want, tt.message)
				}
			}
			// What cannot be a rule is told before anything is written.
			docs := []manifest.Manifest{{Path: "w.yaml", Content: object}}
			for _, validate := range []bool{true, false} {
				_, err := serves(widgets, "Widget").client(t, kube.Options{}).Build(t.Context(), docs, release.BuildOptions{Validate: validate})
				bad := validate && tt.want == failing && !strings.Contains(tt.status, "Stalled")
				if bad != (err != nil) || bad && !strings.HasSuffix(err.Error(), tt.message) {
					t.Errorf("Build with validation %t: %v", validate, err)
				}
			}
		})
	}
}

// TestReadyAnnotationOfOthers: it goes before the rules of known kinds, but what
// goes is not ready, and a status of an older generation does not count.
func TestReadyAnnotationOfOthers(t *testing.T) {
	t.Parallel()
	rule := `annotations: {pack.seed-0d4f92cc.github.io/ready: "{.status.readyReplicas}=1"}`
	for object, want := range map[string]release.ObjectStatus{
		`{metadata: {` + rule + `}, spec: {replicas: 3}, status: {readyReplicas: 1}}`:                                                    release.ObjectCurrent,
		`{metadata: {generation: 2, ` + rule + `}, status: {readyReplicas: 1, observedGeneration: 1}}`:                                   release.ObjectInProgress,
		`{metadata: {generation: 2, annotations: {pack.seed-0d4f92cc.github.io/ready: "true"}}, status: {observedGeneration: 1}}`:        release.ObjectInProgress,
		`{metadata: {deletionTimestamp: "2026-01-01T00:00:00Z", ` + rule + `}, status: {readyReplicas: 1}}`:                              release.ObjectTerminating,
		`{metadata: {` + rule + `}, status: {conditions: [{type: Progressing, reason: ProgressDeadlineExceeded}]}}`:                      release.ObjectFailed,
		`{metadata: {annotations: {pack.seed-0d4f92cc.github.io/ready: none}}, spec: {replicas: 3}}`:                                     release.ObjectCurrent,
		`{metadata: {annotations: {pack.seed-0d4f92cc.github.io/ready: none}, deletionTimestamp: "2026-01-01T00:00:00Z"}, status: null}`: release.ObjectTerminating,
	} {
		if s := firstState(t, "apps/v1", "Deployment", thing(t, "apps/v1", "Deployment", object), release.WatchOptions{}); s.Status != want {
			t.Errorf("%s: %s: %s, want %s", object, s.Status, s.Message, want)
		}
	}
}

func TestCustomConditions(t *testing.T) {
	t.Parallel()
	const current, busy = release.ObjectCurrent, release.ObjectInProgress
	for _, tt := range []struct {
		object  string
		want    release.ObjectStatus
		message string
	}{
		{`{}`, current, "Resource is current"},
		{`{status: {}}`, current, "Resource is current"},
		{`{metadata: {generation: 2}, status: {observedGeneration: 1}}`, busy, "Widget generation is 2, but latest observed generation is 1"},
		{`{status: {conditions: [{type: Ready, status: "False", message: not yet}]}}`, busy, "not yet"},
		{`{status: {conditions: [{type: Ready, status: "True"}, {type: Available, status: "False"}]}}`, current, "Resource is Ready"},
		{`{status: {conditions: [{type: Available, status: "False", reason: Why}, {type: Succeeded, status: "True"}]}}`, busy, "Why"},
		{`{status: {conditions: [{type: Available, status: "True"}, {type: Succeeded, status: "False"}]}}`, current, "Resource is Available"},
		{`{status: {conditions: [{type: Succeeded, status: Unknown}]}}`, busy, "Succeeded is Unknown"},
		{`{status: {conditions: [{type: Succeeded, status: "False", message: broke}]}}`, release.ObjectFailed, "broke"},
		{`{status: {conditions: [{type: Succeeded, status: "True"}]}}`, current, "Resource is Succeeded"},
		{`{status: {conditions: [{type: Stalled, status: "True", message: bad}, {type: Available, status: "True"}]}}`, release.ObjectFailed, "bad"},
		{`{status: {conditions: [{type: Available, status: Perhaps}]}}`, current, "Resource is current"},
	} {
		s := firstState(t, widgets, "Widget", thing(t, widgets, "Widget", tt.object), release.WatchOptions{})
		if s.Status != tt.want || s.Message != tt.message {
			t.Errorf("%s: %s: %s, want %s: %s", tt.object, s.Status, s.Message, tt.want, tt.message)
		}
	}
	// The conditions of a kind with rules do not count.
	s := firstState(t, "v1", "ConfigMap", thing(t, "v1", "ConfigMap", `{status: {conditions: [{type: Available, status: "False"}]}}`), release.WatchOptions{})
	if s.Status != current {
		t.Errorf("config map: %s: %s", s.Status, s.Message)
	}
}

// TestNoStatusYet: what was just made is not ready before it has a status, for
// some seconds.
func TestNoStatusYet(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, made, more string
		opts             release.WatchOptions
		timeout          time.Duration // 0: an hour
		took             time.Duration
	}{
		{name: "just made", made: "2000-01-01T00:00:00Z", took: 10 * time.Second},
		{name: "just made, by another clock", made: "2000-01-01T00:00:40Z", took: 10 * time.Second},
		{name: "just made, little time", made: "2000-01-01T00:00:00Z", timeout: 8 * time.Second, took: 4 * time.Second},
		{name: "made long ago", made: "1999-12-31T23:58:00Z"},
		{name: "it has one", made: "2000-01-01T00:00:00Z", more: "status: {}"},
		{name: "legacy rules", made: "2000-01-01T00:00:00Z", opts: release.WatchOptions{Legacy: true}},
		{name: "not waited for", made: "2000-01-01T00:00:00Z", more: "none"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				text := "metadata: {creationTimestamp: '" + tt.made + "'}\n" + tt.more
				if tt.more == "none" {
					text = strings.Replace(annotated("none"), "{annotations", "{creationTimestamp: '"+tt.made+"', annotations", 1)
				}
				if tt.timeout == 0 {
					tt.timeout = time.Hour
				}
				ctx, cancel := context.WithTimeout(t.Context(), tt.timeout)
				defer cancel()
				start := time.Now()
				var got []string
				ref := manifest.Ref{APIVersion: widgets, Kind: "Widget", Namespace: "ns", Name: "a"}
				for s, err := range serves(widgets, "Widget", thing(t, widgets, "Widget", text)).client(t, kube.Options{}).Watch(ctx, []manifest.Ref{ref}, tt.opts) {
					if err != nil {
						t.Fatal(err)
					}
					got = append(got, string(s.Status))
					if s.Status == release.ObjectCurrent {
						break
					}
				}
				want := []string{"Current"}
				if tt.took > 0 {
					want = []string{"InProgress", "Current"}
				}
				if diff := cmp.Diff(want, got); diff != "" || time.Since(start) != tt.took {
					t.Errorf("after %v: %s", time.Since(start), diff)
				}
			})
		})
	}
}

// TestNoStatusByWhichClock: what has just been made gets some time to have a status, also if it
// was so by the server's clock alone.
func TestNoStatusByWhichClock(t *testing.T) {
	t.Parallel()
	current := []string{"ns Current"}
	for _, tt := range []struct {
		name        string
		made, ahead time.Duration // by the clock here
		want        []string
	}{
		{"just now", 0, 0, []string{"ns InProgress", "ns Current"}},
		{"an hour ago", -time.Hour, 0, current},
		{"just now by the server's clock, which is ahead", time.Hour, time.Hour, []string{"ns InProgress", "ns Current"}},
		{"just now by the server's clock, which is behind", -time.Hour, -time.Hour, []string{"ns InProgress", "ns Current"}},
		{"an hour ago by either", -2 * time.Hour, -time.Hour, current},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				server := newWatched("/api/v1/namespaces")
				made := time.Now().Add(tt.made).UTC().Format(time.RFC3339)
				answered := list("1", `{"metadata":{"name":"ns","resourceVersion":"1","creationTimestamp":"`+made+`"}}`)
				server.lists = []func() (*http.Response, error){func() (*http.Response, error) {
					resp, err := answered()
					resp.Header.Set("Date", time.Now().Add(tt.ahead).UTC().Format(http.TimeFormat))
					return resp, err
				}}
				c := server.client(t, kube.Options{})
				ref := manifest.Ref{APIVersion: "v1", Kind: "Namespace", Name: "ns"}
				if diff := cmp.Diff(tt.want, see(t, c, len(tt.want), ref)); diff != "" {
					t.Error(diff)
				}
			})
		})
	}
}
