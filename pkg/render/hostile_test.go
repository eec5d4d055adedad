package render_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/render"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// The hostile charts are rendered one by one by processes of their own, so that
// it can be seen how much memory each of them takes.

// hostileCase is a chart that is out for time or memory.
type hostileCase struct {
	name string
	// want is how it ends: names of outcome; "bound" is any bound of rendering.
	want string
	// template is the file templates/x.yaml.
	template func() string
	// values is values.yaml, user what the user gives; nil is nothing.
	values, user func() string
	// files are further files.
	files func() fstest.MapFS
}

// timeout is Config.Timeout: short for what is to run into it, and long for what
// is to end for another reason, even on a machine that is busy.
func (c hostileCase) timeout() time.Duration {
	if strings.Contains(c.want, "timeout") || strings.Contains(c.want, "bound") {
		return time.Second
	}
	return 30 * time.Second
}

// maxHostileMemory is how much a process may take that renders with the default
// bounds, as docs/embedding.md has it.
const maxHostileMemory = 1 << 30

// outcome is how a rendering ended.
func outcome(err error) string {
	var schema *chart.SchemaError
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, render.ErrTimeout) && errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, render.ErrTooLarge):
		return "large"
	case errors.Is(err, render.ErrTooDeep):
		return "deep"
	case errors.Is(err, chart.ErrTooLarge):
		return "chart"
	case errors.As(err, &schema):
		return "schema"
	}
	return "error"
}

// run renders the chart of a case.
func (c hostileCase) run() error {
	files := fstest.MapFS{"Chart.yaml": {Data: []byte("apiVersion: v2\nname: h\nversion: 0.1.0\n")}}
	if c.files != nil {
		for name, file := range c.files() {
			files[name] = file
		}
	}
	if c.template != nil {
		files["templates/x.yaml"] = &fstest.MapFile{Data: []byte(c.template())}
	}
	if c.values != nil {
		files["values.yaml"] = &fstest.MapFile{Data: []byte(c.values())}
	}
	loaded, err := chart.Load(files, chart.LoadOptions{})
	if err != nil {
		return err
	}
	var user values.Map
	if c.user != nil {
		if user, err = values.Parse([]byte(c.user())); err != nil {
			return err
		}
	}
	configured, err := loaded.Configure(user, chart.ConfigureOptions{})
	if err != nil {
		return err
	}
	r, err := render.New(render.Config{Timeout: c.timeout()})
	if err != nil {
		return err
	}
	_, err = r.Render(context.Background(), configured, render.Input{Release: render.Release{Name: "h"}})
	return err
}

// hostileFlag makes the test binary a process that renders one case.
var hostileFlag = flag.String("hostile", "", "render the hostile chart of that name, and nothing else")

func TestHostileCharts(t *testing.T) {
	cases := hostileCases()
	if *hostileFlag != "" {
		for _, c := range cases {
			if c.name == *hostileFlag {
				err := c.run()
				text := ""
				if err != nil {
					text = err.Error()
				}
				fmt.Printf("outcome=%s %.300s\n", outcome(err), strings.ReplaceAll(text, "\n", " "))
				return
			}
		}
		t.Fatalf("no case %s", *hostileFlag)
	}
	if testing.Short() || raceDetector {
		t.Skip("a process for each chart takes a while, and under the race detector far too much memory")
	}
	if len(cases) < 80 {
		t.Errorf("only %d cases", len(cases))
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			c.check(t)
		})
	}
}

// check runs a case in a process of its own.
func (c hostileCase) check(t *testing.T) {
	// A minute is what no chart can take: it is here to end what does.
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestHostileCharts$", "-hostile="+c.name)
	cmd.Stderr = &stderr
	start := time.Now()
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("after %v: %v\n%.2000s\n%.1000s", time.Since(start), err, stderr.String(), out)
	}
	_, line, _ := strings.Cut(string(out), "outcome=")
	got, text, _ := strings.Cut(line, " ")
	text, _, _ = strings.Cut(text, "\n")
	took := peak(cmd.ProcessState)
	t.Logf("%-8s %6.2fs cpu %5d MiB  %.150s", got, (cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()).Seconds(), took>>20, text)
	want := strings.Fields(strings.ReplaceAll(c.want, "bound", "large timeout"))
	if !slices.Contains(want, got) {
		t.Errorf("ended as %q, want %q: %s", got, c.want, text)
	}
	if took > maxHostileMemory {
		t.Errorf("took %d MiB", took>>20)
	}
}
