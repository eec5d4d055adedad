package kube_test

import (
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// judged is what a client with rules sees of a Widget called a.
func judged(t *testing.T, rules, object string, opts release.WatchOptions) release.State {
	t.Helper()
	readiness, err := kube.ParseReadiness("rules.yaml", []byte(rules))
	if err != nil {
		t.Fatal(err)
	}
	ref := manifest.Ref{APIVersion: widgets, Kind: "Widget", Namespace: "ns", Name: "a"}
	client := serves(widgets, "Widget", thing(t, widgets, "Widget", object)).client(t, kube.Options{Readiness: readiness})
	for s, err := range client.Watch(t.Context(), []manifest.Ref{ref}, opts) {
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	t.Fatal("nothing was seen")
	return release.State{}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	const current, busy, failing = release.ObjectCurrent, release.ObjectInProgress, release.ObjectFailed
	widget := func(more string) string {
		return "rules:\n- apiVersion: example.com/v1\n  kind: Widget\n  " + strings.ReplaceAll(more, "\n", "\n  ") + "\n"
	}
	both := widget("ready: status.phase == 'Up'\nfailed: status.phase == 'Down'")
	for _, tt := range []struct {
		rules, object string
		want          release.ObjectStatus
		message       string
		final         bool
	}{
		{both, `{status: {phase: Up}}`, current, "Resource is ready", false},
		{both, `{status: {phase: Coming}}`, busy, "status.phase == 'Up' is false", false},
		{both, `{}`, busy, "there is no status yet", false},
		{both, `{status: {}}`, busy, "rules.yaml:4: status.phase == 'Up': column 8: no such key: phase", false},
		{both, `{status: {phase: Down}}`, failing, "status.phase == 'Down'", true},
		{both, `{metadata: {generation: 2}, status: {phase: Down, observedGeneration: 1}}`, busy, "generation is 2, but latest observed generation is 1", false},
		{both, `{metadata: {annotations: {pack.seed-0d4f92cc.github.io/ready: none}}, status: {phase: Coming}}`, busy, "status.phase == 'Up' is false", false},
		{widget("failed: '{.status.phase}=Down'"), `{status: {phase: Down}}`, failing, "{.status.phase}=Down", true},
		{widget("failed: '{.status.phase}=Down'"), `{status: {phase: Up, conditions: [{type: Ready, status: "False", message: soon}]}}`, busy, "soon", false},
		{widget("failed: '{.status.phase}=Down'"), `{status: {phase: Up}}`, current, "Resource is current", false},
		{widget("ready: none"), `{status: {conditions: [{type: Ready, status: "False"}]}}`, current, "Resource is not waited for", false},
		{widget("name: b*\nready: none"), `{status: {conditions: [{type: Ready, status: "False", message: soon}]}}`, busy, "soon", false},
		{widget("name: '[a-c]'\nready: none"), `{status: {conditions: [{type: Ready, status: "False"}]}}`, current, "Resource is not waited for", false},
		{
			"rules:\n- {apiVersion: example.com/v2, kind: Widget, ready: none}\n- {apiVersion: example.com/v1, kind: Gadget, ready: none}\n" +
				"- {apiVersion: example.com/v1, kind: widget, ready: '{.status.a}'}\n- {apiVersion: example.com/v1, kind: Widget, ready: none}\n",
			`{status: {}}`, busy, "{.status.a} is not set", false,
		},
		{"rules: []", `{}`, current, "Resource is current", false},
	} {
		s := judged(t, tt.rules, tt.object, release.WatchOptions{})
		if s.Status != tt.want || !strings.HasSuffix(s.Message, tt.message) || s.Final != tt.final {
			t.Errorf("%s%s: %s: %s (%t), want %s: %s", tt.rules, tt.object, s.Status, s.Message, s.Final, tt.want, tt.message)
		}
	}
	// Hooks end, whatever rules say of their kind.
	if s := judged(t, widget("ready: none"), `{status: {conditions: [{type: Ready, status: "False"}]}}`, release.WatchOptions{Hooks: true}); s.Status != busy {
		t.Errorf("a hook is %s: %s", s.Status, s.Message)
	}
}

func TestFailedAnnotation(t *testing.T) {
	t.Parallel()
	const object = `{metadata: {annotations: {pack.seed-0d4f92cc.github.io/failed: "has(status.error)"}}, status: {error: x}}`
	if s := judged(t, "rules: []", object, release.WatchOptions{}); s.Status != release.ObjectFailed || !s.Final {
		t.Errorf("%s: %s", s.Status, s.Message)
	}
	docs := []manifest.Manifest{{Path: "w.yaml", Content: thing(t, widgets, "Widget", `{metadata: {annotations: {pack.seed-0d4f92cc.github.io/failed: "1 +"}}}`)}}
	_, err := serves(widgets, "Widget").client(t, kube.Options{}).Build(t.Context(), docs, release.BuildOptions{Validate: true})
	const want = `w.yaml: Widget/ns/a: annotation pack.seed-0d4f92cc.github.io/failed: "1 +": column 4: unexpected the end`
	if err == nil || err.Error() != want {
		t.Errorf("error %v", err)
	}
}

func TestParseReadinessErrors(t *testing.T) {
	t.Parallel()
	const noRules = "it must hold a list under the key rules, and nothing else"
	for text, want := range map[string]string{
		"":                                    "r.yaml: " + noRules,
		"# nothing":                           "r.yaml: " + noRules,
		"- kind: A":                           "r.yaml:1: " + noRules,
		"rules: a":                            "r.yaml:1: " + noRules,
		"rules: []\nmore: 1":                  "r.yaml:1: " + noRules,
		"rules: [":                            "r.yaml: yaml: line 1: did not find expected node content",
		"rules:\n- a":                         "r.yaml:2: a rule must be a map",
		"rules:\n- kind: A\n  ready: none":    "r.yaml:2: a rule needs apiVersion and kind",
		"rules:\n- {kind: A, apiVersion: v1}": "r.yaml:2: a rule needs ready or failed",
		"rules:\n- kind: A\n  kind: B":        "r.yaml:3: kind stands twice",
		"rules:\n- kind: [A]":                 "r.yaml:2: kind must be a string",
		"rules:\n- kind: A\n  redy: none":     `r.yaml:3: redy: "none": a rule has apiVersion, kind, name, ready and failed`,
		"rules:\n- kind: A\n  name: '['":      `r.yaml:3: name: "[": syntax error in pattern`,
		"rules:\n- kind: A\n  failed: none":   `r.yaml:3: failed: "none": column 1: undeclared reference to "none": the names here are self, metadata, spec, status`,
		"rules:\n- kind: A\n\n  ready: status.phase ==": `r.yaml:4: ready: "status.phase ==": column 16: unexpected the end`,
		"rules:\n- kind: A\n  ready: '{.a'":             `r.yaml:3: ready: "{.a": it must be none, of the form {.status.phase}=Running, or an expression in CEL such as status.phase == 'Running'`,
		strings.Repeat("#", 1<<20+1):                    "r.yaml: it has 1048577 bytes, at most 1048576",
	} {
		_, err := kube.ParseReadiness("r.yaml", []byte(text))
		if err == nil || err.Error() != want {
			t.Errorf("%.60q: error %v\nwant %s", text, err, want)
		}
	}
}
