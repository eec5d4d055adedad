package render_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// renderError renders a chart that fails.
func renderError(t *testing.T, cfg render.Config, files map[string]string) error {
	t.Helper()
	_, err := newRenderer(t, cfg).Render(t.Context(), configured(t, files), render.Input{})
	if err == nil {
		t.Fatal("no error")
	}
	return err
}

func TestErrorFrames(t *testing.T) {
	t.Parallel()
	err := renderError(t, render.Config{}, map[string]string{
		"templates/_h.tpl": "{{ define \"a\" }}\n  {{ include \"b\" . }}{{ end }}\n{{ define \"b\" }}{{ .Values.x.y }}{{ end }}",
		"templates/w.yaml": "a: 1\nb: {{ include \"a\" . }}\n",
	})
	var e *render.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T", err)
	}
	want := &render.Error{
		Template: "c/templates/w.yaml", Line: 2, Column: 6,
		Message: "nil pointer evaluating interface {}.y",
		Frames: []render.Frame{
			{Template: "c/templates/w.yaml", File: "c/templates/w.yaml", Line: 2, Column: 6, Node: `include "a" .`, Message: "error calling include"},
			{Template: "a", File: "c/templates/_h.tpl", Line: 2, Column: 5, Node: `include "b" .`, Message: "error calling include"},
			{Template: "b", File: "c/templates/_h.tpl", Line: 3, Column: 26, Node: ".Values.x.y", Message: "nil pointer evaluating interface {}.y"},
		},
	}
	if diff := cmp.Diff(want.Frames, e.Frames); diff != "" {
		t.Error(diff)
	}
	if e.Template != want.Template || e.Line != want.Line || e.Column != want.Column || e.Message != want.Message {
		t.Errorf("%+v", e)
	}
}

func TestErrorFramesThroughTpl(t *testing.T) {
	t.Parallel()
	err := renderError(t, render.Config{}, map[string]string{
		"templates/w.yaml": "{{ tpl \"x: {{ fail \\\"no\\\" }}\" . }}\n",
	})
	var e *render.Error
	if !errors.As(err, &e) {
		t.Fatalf("%T", err)
	}
	if len(e.Frames) != 2 || e.Frames[1].File != "gotpl" || e.Message != "no" {
		t.Errorf("%+v", e)
	}
}

func TestParseErrorPosition(t *testing.T) {
	t.Parallel()
	err := renderError(t, render.Config{}, map[string]string{"templates/w.yaml": "a\n{{ nope }}"})
	var e *render.Error
	if !errors.As(err, &e) || e.Template != "c/templates/w.yaml" || e.Line != 2 || e.Message != `function "nope" not defined` {
		t.Errorf("%#v", e)
	}
	if want := `parse error at (c/templates/w.yaml:2): function "nope" not defined`; err.Error() != want {
		t.Errorf("%q", err)
	}
}

func TestFirstErrorInHelmsOrder(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, name := range "abcdefgh" {
		files["templates/"+string(name)+".yaml"] = `{{ range until 2000 }}{{ $x := . }}{{ end }}{{ fail "` + string(name) + `" }}`
	}
	files["templates/h.yaml"] = "h: fine\n"
	for range 20 {
		err := renderError(t, render.Config{Parallel: 8}, files)
		if !strings.HasSuffix(err.Error(), ": g") {
			t.Fatalf("%v", err)
		}
	}
}

func TestBounds(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text string
		want error
	}{
		"endless output":       {`{{ range until 1000000 }}0123456789{{ end }}`, render.ErrTooLarge},
		"repeat":               {`{{ repeat 1000000000 "x" }}`, errAny},
		"until":                {`{{ until 1000000000 }}`, errAny},
		"seq":                  {`{{ seq 1 1000000000 }}`, errAny},
		"untilStep":            {`{{ untilStep 0 1000000000 1 }}`, errAny},
		"indent":               {`{{ indent 1000000000 "x" }}`, errAny},
		"nindent":              {`{{ "x" | nindent 1000000000 }}`, errAny},
		"replace":              {`{{ replace "a" (repeat 100000 "b") (repeat 100000 "a") }}`, errAny},
		"regexReplaceAll":      {`{{ regexReplaceAll "a" (repeat 100000 "a") (repeat 100000 "b") }}`, errAny},
		"join":                 {`{{ join (repeat 100000 "b") (splitList "" (repeat 100000 "a")) | len }}`, errAny},
		"random":               {`{{ randAlphaNum 1000000000 }}`, errAny},
		"doubling text":        {`{{ $s := "0123456789" }}{{ range until 60 }}{{ $s = print $s $s }}{{ end }}`, render.ErrTooLarge},
		"doubling list":        {`{{ $s := list 1 2 3 }}{{ range until 60 }}{{ $s = concat $s $s }}{{ end }}`, render.ErrTooLarge},
		"doubling map":         {`{{ $s := dict "a" 1 }}{{ range until 60 }}{{ $s = dict "a" $s "b" $s }}{{ end }}{{ toYaml $s }}{{ toJson $s }}{{ $s }}`, errAny},
		"include in itself":    {`{{ define "a" }}{{ include "a" . }}{{ end }}{{ include "a" . }}`, errAny},
		"template in itself":   {`{{ define "a" }}{{ template "a" . }}{{ end }}{{ template "a" . }}`, errAny},
		"tpl in itself":        {`{{ tpl .Values.self . }}`, render.ErrTooDeep},
		"map in itself":        {`{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ $d }}`, errAny},
		"map in itself, quote": {`{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ quote $d }}`, errAny},
		"map in itself, copy":  {`{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ deepCopy $d }}`, errAny},
		"map in itself, merge": {`{{ $d := dict }}{{ $_ := set $d "d" $d }}{{ merge $d (deepCopy (dict "d" (dict "d" 1))) $d }}`, errAny},
		"regex":                {`{{ regexMatch (repeat 300 "(x{1000}|y{1000})?") (repeat 1000000 "x") | ternary "" (fail "refused") }}`, errAny},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := renderError(t, render.Config{MaxBytes: 4 << 20}, map[string]string{
				"templates/w.yaml": tt.text, "values.yaml": "self: '{{ tpl .Values.self . }}'\n",
			})
			if tt.want != errAny && !errors.Is(err, tt.want) {
				t.Errorf("%.400v", err)
			}
		})
	}
}

var errAny = errors.New("any error")

func TestBoundIsOfAllFiles(t *testing.T) {
	t.Parallel()
	files := map[string]string{}
	for _, name := range "abcdefgh" {
		files["templates/"+string(name)+".yaml"] = `a: {{ repeat 1000 "x" }}`
	}
	if err := renderError(t, render.Config{MaxBytes: 5000}, files); !errors.Is(err, render.ErrTooLarge) {
		t.Error(err)
	}
}

func TestContextEnds(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a loop":           `{{ range 1000000000 }}{{ end }}`,
		"loops in loops":   `{{ range until 100000 }}{{ range until 100000 }}{{ end }}{{ end }}`,
		"slow functions":   `{{ range until 1000000 }}{{ genPrivateKey "rsa" }}{{ end }}`,
		"an include":       `{{ define "a" }}{{ range 1000000000 }}{{ end }}{{ end }}{{ include "a" . }}`,
		"a tpl":            `{{ tpl "{{ range 1000000000 }}{{ end }}" . }}`,
		"a waiting lookup": `{{ lookup "v1" "Pod" "" "" }}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
			defer cancel()
			c := configured(t, map[string]string{"templates/w.yaml": text})
			r := newRenderer(t, render.Config{Lookup: func(ctx context.Context, _, _, _, _ string) (map[string]any, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}})
			if _, err := r.Render(ctx, c, render.Input{}); !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	}
}

// TestTwins renders files with the same text, which are parsed once: each is itself by
// its name, in what it sees and in its errors.
func TestTwins(t *testing.T) {
	t.Parallel()
	const fails = `{{ define "t" }}{{ fail .Template.Name }}{{ end }}{{ if eq .Chart.Name "AT" }}
  {{ include "t" . }}{{ end }}`
	chart := "apiVersion: v2\nname: %s\nversion: 0.1.0\n"
	for _, at := range []string{"c", "a", "b"} {
		text := strings.ReplaceAll(fails, "AT", at)
		files := map[string]string{"templates/x.yaml": text}
		for _, sub := range []string{"a", "b"} {
			files["charts/"+sub+"/Chart.yaml"] = fmt.Sprintf(chart, sub)
			files["charts/"+sub+"/templates/x.yaml"] = text
		}
		name := "c/templates/x.yaml"
		if at != "c" {
			name = "c/charts/" + at + "/templates/x.yaml"
		}
		err := renderError(t, render.Config{}, files)
		rendered, ok := errors.AsType[*render.Error](err)
		if !ok || rendered.Template != name || rendered.Line != 2 || rendered.Column != 5 || !strings.Contains(err.Error(), name) {
			t.Errorf("at %s: %v", at, err)
		}
	}
}

// TestMaxCodeOfTwins counts what is there already an eighth.
func TestMaxCodeOfTwins(t *testing.T) {
	t.Parallel()
	text := strings.Repeat(`{{ "0123456789" }}`, 100) // 1800 bytes
	for _, tt := range []struct {
		name      string
		max       int
		different bool
		want      error
	}{
		{name: "twins in the bound", max: 1800 + 7*1800/8},
		{name: "twins beyond it", max: 1800 + 7*1800/8 - 1, want: render.ErrTooLarge},
		{name: "as many others", max: 1800 + 7*1800/8, different: true, want: render.ErrTooLarge},
		{name: "others in the bound", max: 8 * 1800, different: true},
	} {
		files := map[string]string{}
		for i, name := range "abcdefgh" {
			files["templates/"+string(name)+".yaml"] = "a: " + text
			if tt.different {
				files["templates/"+string(name)+".yaml"] = fmt.Sprintf("a%d: %s", i, text)
			}
		}
		_, err := newRenderer(t, render.Config{MaxCode: tt.max}).Render(t.Context(), configured(t, files), render.Input{})
		if !errors.Is(err, tt.want) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}
