package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"sigs.k8s.io/yaml"
)

// kind is how two results compare.
type kind string

const (
	identical    kind = "identical"
	bothFail     kind = "both fail alike"
	failDiffer   kind = "fail differently"
	sameObjects  kind = "same objects"
	different    kind = "different"
	packFails    kind = "only pack fails"
	helmFails    kind = "only Helm fails"
	timedOut     kind = "timed out"
	notRunnable  kind = "not run"
	maxDiffLines      = 12
	timeout           = time.Minute
)

func kinds() []kind {
	return []kind{identical, bothFail, failDiffer, sameObjects, different, packFails, helmFails, timedOut, notRunnable}
}

// differs says whether the two programs do not do the same.
func (k kind) differs() bool { return k != identical && k != bothFail }

type outcome struct {
	kind   kind
	detail string
}

// result is what a program did.
type result struct {
	out, err string
	code     int
	failed   error
}

// compare runs both programs, and Helm once more if they differ.
func (o *options) compare(ctx context.Context, work string, c testCase) outcome {
	pack := run(ctx, work, o.pack, c.args)
	helm := run(ctx, work, o.helm, c.args)
	for _, r := range []result{pack, helm} {
		switch {
		case errors.Is(r.failed, context.DeadlineExceeded):
			return outcome{timedOut, r.err}
		case r.failed != nil:
			return outcome{notRunnable, r.failed.Error()}
		}
	}
	switch {
	case pack.code != helm.code && pack.code != 0:
		return outcome{packFails, indent(pack.err)}
	case pack.code != helm.code:
		return outcome{helmFails, indent(helm.err)}
	case pack.code != 0 && c.args[0] != "lint":
		if firstLine(pack.err) == firstLine(helm.err) {
			return outcome{bothFail, ""}
		}
		return outcome{failDiffer, indent("pack: " + firstLine(pack.err) + "\nhelm: " + firstLine(helm.err))}
	case pack.out == helm.out:
		return outcome{identical, ""}
	}
	again := run(ctx, work, o.helm, c.args)
	for _, r := range []*result{&pack, &helm, &again} {
		r.out = maskNow(r.out, time.Now())
	}
	if mask(pack.out, helm.out, again.out) == mask(helm.out, helm.out, again.out) {
		return outcome{identical, ""}
	}
	if c.args[0] != "lint" && reflect.DeepEqual(objects(pack.out), objects(helm.out)) {
		return outcome{sameObjects, diff(helm.out, pack.out)}
	}
	return outcome{different, diff(helm.out, pack.out)}
}

func run(ctx context.Context, work, program string, args []string) result {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, args...)
	home := filepath.Join(work, "home")
	cmd.Env = []string{"HOME=" + home, "PATH=" + os.Getenv("PATH"), "KUBECONFIG=" + filepath.Join(home, "none")}
	cmd.Dir = work
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	r := result{out: out.String(), err: errs.String(), code: cmd.ProcessState.ExitCode()}
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		r.failed = err
	}
	if ctx.Err() != nil {
		r.failed = ctx.Err()
	}
	return r
}

// firstLine is the first line that is an error and no log.
func firstLine(text string) string {
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "Error:") {
			return strings.TrimSpace(line)
		}
	}
	return ""
}

// mask replaces in text the lines that differ between two runs of the same
// program, where all three have the same number of lines; what is random in
// them is the part between what both begin and end with.
func mask(text, one, two string) string {
	lines, a, b := strings.Split(text, "\n"), strings.Split(one, "\n"), strings.Split(two, "\n")
	if len(lines) != len(a) || len(a) != len(b) {
		return text
	}
	for i := range lines {
		if a[i] != b[i] {
			n := common(a[i], b[i])
			lines[i] = lines[i][:min(n, len(lines[i]))] + "(random)"
		}
	}
	return strings.Join(lines, "\n")
}

// maskNow replaces seconds since 1970 that are of these days, and times of today:
// two runs can fall into one second and a third one into the next.
func maskNow(text string, now time.Time) string {
	text = regexp.MustCompile(`\b\d{10}\b`).ReplaceAllStringFunc(text, func(digits string) string {
		n, _ := strconv.ParseInt(digits, 10, 64)
		if age := now.Sub(time.Unix(n, 0)); age.Abs() < 24*time.Hour {
			return "(now)"
		}
		return digits
	})
	today := regexp.QuoteMeta(now.UTC().Format(time.DateOnly))
	return regexp.MustCompile(today+`[T ]?[\d:.]*`).ReplaceAllString(text, "(now)")
}

func common(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	// Random text can begin alike.
	for n > 0 && a[n-1] != ' ' && a[n-1] != '"' && a[n-1] != ':' {
		n--
	}
	return n
}

// objects are the documents of a stream, in order.
func objects(text string) []any {
	var list []any
	for _, doc := range strings.Split("\n"+text, "\n---") {
		var v any
		if err := yaml.Unmarshal([]byte(doc), &v); err != nil {
			v = doc
		}
		if v != nil {
			list = append(list, v)
		}
	}
	return list
}

// diff shows where two texts begin to differ.
func diff(want, got string) string {
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	var out strings.Builder
	from := max(0, i-3)
	for n := from; n < i; n++ {
		fmt.Fprintf(&out, "      %5d   %s\n", n+1, a[n])
	}
	for n := i; n < min(len(a), i+maxDiffLines/2); n++ {
		fmt.Fprintf(&out, "      %5d - %s\n", n+1, a[n])
	}
	for n := i; n < min(len(b), i+maxDiffLines/2); n++ {
		fmt.Fprintf(&out, "      %5d + %s\n", n+1, b[n])
	}
	return out.String()
}

func indent(text string) string {
	const most = 1000
	if len(text) > most {
		text = text[:most]
	}
	return "      " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n      ")
}
