package cli

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/spf13/pflag"
)

// logTo is a logger as the program has it.
func logTo(b *bytes.Buffer) *slog.Logger { return newLogger(b, new(slog.LevelVar)) }

func TestWaitFlags(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args    []string
		want    waitStrategy
		warning string
		err     string
	}{
		{want: waitHookOnly},
		{args: []string{"--wait"}, want: waitWatcher},
		{args: []string{"--wait=watcher"}, want: waitWatcher},
		{args: []string{"--wait=hookOnly"}, want: waitHookOnly},
		{args: []string{"--wait=legacy"}, want: waitLegacy},
		{args: []string{"--wait=true"}, want: waitWatcher,
			warning: "level=WARN msg=\"--wait=true is deprecated (boolean value) and can be replaced with --wait=watcher\"\n"},
		{args: []string{"--wait=false"}, want: waitHookOnly,
			warning: "level=WARN msg=\"--wait=false is deprecated (boolean value) and can be replaced with --wait=hookOnly\"\n"},
		{args: []string{"--wait=T"}, want: waitWatcher,
			warning: "level=WARN msg=\"--wait=T is deprecated (boolean value) and can be replaced with --wait=watcher\"\n"},
		{args: []string{"--wait=0"}, want: waitHookOnly,
			warning: "level=WARN msg=\"--wait=0 is deprecated (boolean value) and can be replaced with --wait=hookOnly\"\n"},
		{args: []string{"--wait=true", "--wait=hookOnly"}, want: waitHookOnly},
		{args: []string{"--wait=soon"}, err: `invalid argument "soon" for "--wait" flag: invalid wait input "soon". Valid inputs are watcher, hookOnly, and legacy`},
		{args: []string{"--wait="}, err: `invalid argument "" for "--wait" flag: invalid wait input "". Valid inputs are watcher, hookOnly, and legacy`},
	} {
		t.Run(strings.Join(tc.args, " "), func(t *testing.T) {
			t.Parallel()
			var w waitFlags
			f := pflag.NewFlagSet("test", pflag.ContinueOnError)
			w.add(f)
			if err := f.Parse(tc.args); errText(err) != tc.err {
				t.Fatalf("got error %q, want %q", errText(err), tc.err)
			}
			if tc.err != "" {
				return
			}
			var log bytes.Buffer
			if got := w.resolve(logTo(&log)); got != tc.want {
				t.Errorf("got %q, want %q", got, tc.want)
			}
			if diff := cmp.Diff(tc.warning, log.String()); diff != "" {
				t.Errorf("log (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDryRunFlag(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args   []string
		client bool
		want   dryRun
		warns  bool
		err    string
	}{
		{want: dryRunNone},
		{client: true, want: dryRunClient},
		{args: []string{"--dry-run=server"}, want: dryRunServer},
		{args: []string{"--dry-run=none"}, client: true, want: dryRunNone},
		{args: []string{"--dry-run"}, want: dryRunClient, warns: true},
		{args: []string{"--dry-run=true"}, want: dryRunClient, warns: true},
		{args: []string{"--dry-run=1"}, want: dryRunClient, warns: true},
		{args: []string{"--dry-run=F"}, want: dryRunNone, warns: true},
		{args: []string{"--dry-run=false"}, want: dryRunNone, warns: true},
		{args: []string{"--dry-run="}, err: `invalid dry-run value (""). Must be "none", "server", or "client"`},
		{args: []string{"--dry-run=later"}, err: `invalid dry-run value ("later"). Must be "none", "server", or "client"`},
	} {
		t.Run(strings.Join(tc.args, " "), func(t *testing.T) {
			t.Parallel()
			var d dryRunFlag
			f := pflag.NewFlagSet("test", pflag.ContinueOnError)
			if tc.client {
				d.addClient(f)
			} else {
				d.add(f)
			}
			if err := f.Parse(tc.args); err != nil {
				t.Fatal(err)
			}
			var log bytes.Buffer
			got, err := d.resolve(logTo(&log))
			if got != tc.want || errText(err) != tc.err {
				t.Errorf("got %q, %q, want %q, %q", got, errText(err), tc.want, tc.err)
			}
			if warned := log.Len() > 0; warned != tc.warns {
				t.Errorf("log: %q", log.String())
			}
		})
	}
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
