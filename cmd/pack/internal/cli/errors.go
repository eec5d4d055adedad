package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
)

// exitError asks for an exit code other than 1. Without an error nothing is
// printed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// exitCode is the one place that maps errors to exit codes. As in Helm, every
// error is 1; other codes are only those that a flag asked for.
func exitCode(err error) int {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	return 1
}

// printError writes an error as the user sees it.
func printError(w io.Writer, err error) {
	if exit, ok := errors.AsType[*exitError](err); ok && exit.err == nil {
		return
	}
	fmt.Fprintf(w, "Error: %v\n", err)
	if h := hint(err); h != "" {
		fmt.Fprintln(w, h)
	}
}

// hint says what to do next about an error; empty where the error says it all.
func hint(err error) string {
	if unknown, ok := errors.AsType[*unknownCommandError](err); ok {
		return fmt.Sprintf("Run '%s --help' for usage.", unknown.parent)
	}
	if missing, ok := errors.AsType[*noChartError](err); ok && missing.ref != "" {
		return "The chart must be a folder with a Chart.yaml or a .tgz file, given by its path, for example ./mychart."
	}
	if _, ok := errors.AsType[*chart.MissingError](err); ok {
		return "Put the missing charts, as folders or .tgz files, into the charts folder of the chart."
	}
	if _, ok := errors.AsType[*renderFailedError](err); ok {
		return "\nUse --debug flag to render out invalid YAML"
	}
	if errors.Is(err, context.Canceled) {
		return "The command was interrupted."
	}
	return ""
}
