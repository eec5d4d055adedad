package cli

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// exitError is an error that ends the program with an exit code of its own.
type exitError struct {
	error
	code int
}

func (e *exitError) Unwrap() error { return e.error }

func exitCode(err error) int {
	if exit, ok := errors.AsType[*exitError](err); ok {
		return exit.code
	}
	return 1
}

// printError writes an error as the user sees it: its text, where it comes from,
// and what to do next. What Helm prints stands first and whole.
func (s *session) printError(err error) {
	fmt.Fprintf(s.Err, "Error: %s\n", errorText(err.Error()))
	if isA[*renderFailedError](err) {
		fmt.Fprint(s.Err, "\nUse --debug flag to render out invalid YAML\n")
	}
	s.printReports(err)
	diagnosisPrinter{w: s.Err, paint: s.paintError}.print(err)
	h := hint(err)
	switch {
	case h == interruptedHint && s.applies:
		h = interruptedReleaseHint
	case s.isMemory() && isA[*release.LockedError](err):
		h = "HELM_DRIVER is memory: 'pack rollback' and 'pack uninstall' go over it."
	}
	if h != "" {
		fmt.Fprintln(s.Err, s.asCalled(h))
	}
}

// asCalled has the commands of a hint begin with the name that the program was called by.
func (s *session) asCalled(hint string) string {
	if name := s.otherName(); name != "" {
		return strings.ReplaceAll(hint, "'pack ", "'"+name+" ")
	}
	return hint
}

// maxErrorText is how much of an error is shown. Some repeat what they are about.
const maxErrorText = 64 << 10

// errorText makes the text of an error fit to be shown: of some length, and
// without what a terminal would act on.
func errorText(text string) string {
	if n := len(text) - maxErrorText; n > 0 {
		text = fmt.Sprintf("%s… (%d more bytes)", strings.ToValidUTF8(text[:maxErrorText], ""), n)
	}
	return visible(text)
}

// visible writes out what is not to be seen as Go does in quotes, but for line
// breaks and tabs.
func visible(text string) string {
	hidden := func(r rune) bool { return r != '\n' && r != '\t' && !unicode.IsPrint(r) && r != utf8.RuneError }
	if !strings.ContainsFunc(text, hidden) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if hidden(r) {
			b.WriteString(strings.Trim(strconv.QuoteRune(r), "'"))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// blanked is a text of the same length in which what is not to be seen is blank,
// so that what stands below it keeps its place.
func blanked(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r != '\t' && !unicode.IsPrint(r) && r != utf8.RuneError {
			b.WriteString(strings.Repeat(" ", utf8.RuneLen(r)))
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}
