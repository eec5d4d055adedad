package render_test

import (
	"context"
	"errors"
	"runtime/pprof"
	"strings"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// Whenever a context ends, Render returns with its error, and no goroutine of it
// goes on. Not parallel: the goroutines of other tests would be counted.
func TestCancelLeavesNothingBehind(t *testing.T) { //nolint:paralleltest // see above
	files := map[string]string{
		"templates/_h.tpl":    `{{ define "h" }}{{ range until 100000 }}{{ tpl "{{ . }}" . }}{{ end }}{{ end }}`,
		"templates/a.yaml":    `a: {{ include "h" . }}`,
		"templates/b.yaml":    `b: {{ regexFindAll "a.*b|a" (repeat 1000000 "a") -1 | len }}`,
		"templates/c.yaml":    `c: {{ range until 1000000 }}{{ $_ := toYaml $.Values }}{{ end }}`,
		"templates/NOTES.txt": `{{ range 1000000000 }}{{ end }}`,
	}
	for _, name := range strings.Split("defghijklmnop", "") {
		files["templates/"+name+".yaml"] = `{{ range until 1000000 }}{{ $_ := sha256sum (print .) }}{{ end }}`
	}
	c := configured(t, files)
	r := newRenderer(t, render.Config{Parallel: 4})
	for after := time.Duration(0); after < 60*time.Millisecond; after = after*2 + 50*time.Microsecond {
		ctx, cancel := context.WithCancel(t.Context())
		timer := time.AfterFunc(after, cancel)
		res, err := r.Render(ctx, c, render.Input{})
		if !errors.Is(err, context.Canceled) || errors.Is(err, render.ErrTimeout) || res != nil {
			t.Errorf("after %v: %v", after, err)
		}
		timer.Stop()
		cancel()
		if n := rendering(t); n > 0 {
			t.Errorf("after %v: %d goroutines still render", after, n)
		}
	}
}

// rendering counts the goroutines that render, but for that of the caller.
func rendering(t *testing.T) int {
	t.Helper()
	var b strings.Builder
	if err := pprof.Lookup("goroutine").WriteTo(&b, 2); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, stack := range strings.Split(b.String(), "\n\n") {
		if strings.Contains(stack, "pkg/render.(") || strings.Contains(stack, "internal/gotmpl.") {
			n++
		}
	}
	return n
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	files := map[string]string{"templates/w.yaml": "a: b\nc: {{ range 1000000000 }}{{ end }}"}
	for _, tt := range []struct {
		name    string
		config  time.Duration
		context time.Duration
		timeout bool
	}{
		{"of the config", time.Millisecond, time.Minute, true},
		{"of the context", time.Minute, time.Millisecond, false},
		{"of the context alone", -1, time.Millisecond, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), tt.context)
			defer cancel()
			r := newRenderer(t, render.Config{Timeout: tt.config})
			_, err := r.Render(ctx, configured(t, files), render.Input{})
			if !errors.Is(err, context.DeadlineExceeded) || errors.Is(err, render.ErrTimeout) != tt.timeout {
				t.Errorf("%v", err)
			}
		})
	}
}

// What goes on after rendering is not what the timeout is for.
func TestTimeoutIsNotForPostRenderers(t *testing.T) {
	t.Parallel()
	c := configured(t, map[string]string{"templates/w.yaml": "kind: ConfigMap\n"})
	r := newRenderer(t, render.Config{Timeout: time.Hour})
	_, err := r.Render(t.Context(), c, render.Input{
		PostRender: func(ctx context.Context, files []render.File) ([]render.File, error) {
			if deadline, ok := ctx.Deadline(); ok {
				t.Errorf("a deadline in %v", time.Until(deadline))
			}
			return files, ctx.Err()
		},
	})
	if err != nil {
		t.Error(err)
	}
}
