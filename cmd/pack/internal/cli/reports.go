package cli

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// printReports shows the warnings and logs that the error of a wait has.
func (s *session) printReports(err error) {
	wait, ok := errors.AsType[*release.WaitError](err)
	if !ok {
		return
	}
	for _, r := range wait.Reports {
		writeReport(s.Err, r, s.paintError)
	}
	if len(wait.Reports) > 0 {
		fmt.Fprintln(s.Err)
	}
}

func writeReport(w io.Writer, r release.Report, paint func(style, string) string) {
	fmt.Fprintf(w, "\n%s\n", paint(styleBold, objectName(r.Ref)))
	for _, e := range r.Events {
		times := ""
		if e.Count > 1 {
			times = fmt.Sprintf(" (%d times)", e.Count)
		}
		fmt.Fprintf(w, "  %s%s: %s\n", paint(styleYellow, "warning "+shownText(e.Reason)), times, shownText(e.Message))
	}
	for _, log := range r.Logs {
		fmt.Fprintf(w, "  last lines of container %s:\n", log.Container)
		for _, line := range log.Lines {
			fmt.Fprintf(w, "    %s\n", clipped(strings.TrimRight(strings.Map(printable, line), " ")))
		}
	}
}
