package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/render"
)

const testLong = `Run the tests of a release: the hooks that its chart marks with
"helm.sh/hook: test". They run one after the other, and the first that fails ends
the run.

--logs shows the logs of the tests' pods, before anything is cleaned up.`

type testOptions struct {
	filters []string
	logs    bool
	wait    waitFlags
}

func newTestCmd(s *session) *cobra.Command {
	o := testOptions{}
	cmd := &cobra.Command{
		Use:   "test [RELEASE]",
		Short: "run the tests of a release",
		Long:  testLong,
		Args:  exactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return o.run(cmd.Context(), s, args[0])
		},
		ValidArgsFunction: s.completeRelease,
	}
	f := cmd.Flags()
	f.StringSliceVar(&o.filters, "filter", nil, `tests to run (name=TEST) or to leave out (!name=TEST); repeatable, or with commas between them`)
	f.BoolVar(&o.logs, "logs", false, "print the logs of the tests' pods before they are cleaned up")
	alwaysOn(f, "hide-notes", "the notes are never shown here")
	o.wait.addTimeout(f)
	o.wait.addFailFast(f)
	return cmd
}

func (o *testOptions) run(ctx context.Context, s *session, name string) error {
	c, err := s.connect(render.Config{})
	if err != nil {
		return err
	}
	req := release.TestRequest{Key: c.key(name)}
	if req.Only, req.Except, err = parseTestFilters(o.filters); err != nil {
		return err
	}
	opts, done := s.applyOptions(&o.wait)
	defer done()
	var printed error
	req.Ended = func(rel *release.Release, refs []manifest.Ref) {
		done()
		block := statusBlock{rel: rel, values: s.Debug, manifest: s.Debug, hideNotes: true, mask: s.debugMask(rel)}
		printed = block.write(s, s.Out)
		if o.logs {
			s.print("\n")
			printed = errors.Join(printed, podLogs(context.WithoutCancel(ctx), s.Out, c, refs))
		}
	}
	if _, err := c.engine.Test(ctx, req, opts); err != nil {
		var failed *release.HookError
		if errors.As(err, &failed) {
			err = failed.Err
		}
		if wait, ok := errors.AsType[*release.WaitError](err); ok && o.logs {
			wait.ForgetLogs()
		}
		return errors.Join(err, printed)
	}
	return printed
}

// parseTestFilters reads "name=a" and "!name=a", also with a blank after "!".
func parseTestFilters(filters []string) (only, except []string, err error) {
	for _, filter := range filters {
		text, negated := strings.CutPrefix(strings.TrimSpace(filter), "!")
		attribute, value, ok := strings.Cut(strings.TrimSpace(text), "=")
		switch {
		case !ok || attribute != "name":
			return nil, nil, fmt.Errorf("invalid filter %q: tests are chosen by name=TEST or !name=TEST", filter)
		case negated:
			except = append(except, value)
		default:
			only = append(only, value)
		}
	}
	return only, except, nil
}

// podLogs prints the logs of the tests that are pods.
func podLogs(ctx context.Context, w io.Writer, c *connection, refs []manifest.Ref) error {
	var failed []error
	for _, ref := range refs {
		if ref.Kind != "Pod" || c.client == nil {
			continue
		}
		first := true
		err := c.client.ContainerLogs(ctx, ref, func(pod, container string) io.Writer {
			if !first {
				fmt.Fprintln(w)
			}
			first = false
			fmt.Fprintf(w, "POD LOGS: %s (%s)\n", pod, container)
			return w
		})
		if !first {
			fmt.Fprintln(w)
		}
		if err != nil {
			failed = append(failed, fmt.Errorf("unable to get pod logs for %s: %w", ref.Name, err))
		}
	}
	return errors.Join(failed...)
}
