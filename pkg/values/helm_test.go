package values_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

var helmPath = flag.String("helm", "", "a Helm 4 binary to compare the records in testdata/helm with")

// record is what Helm makes of one values flag.
type record struct {
	flag  string
	Base  string // a values file
	Expr  string // the argument of the flag
	File  string // or, for --values, the file's content
	Want  string
	Error string
}

// recordFiles are the files that expressions in the records name.
func recordFiles() map[string]string {
	return map[string]string{"f1": "one\n", "f2": "two", "f,3": "c"}
}

// records reads all records, by flag.
func records(tb testing.TB) map[string][]record {
	tb.Helper()
	names, err := filepath.Glob("testdata/helm/*.json")
	if err != nil || len(names) == 0 {
		tb.Fatalf("no records: %v", err)
	}
	all := map[string][]record{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			tb.Fatal(err)
		}
		var list []record
		if err := json.Unmarshal(data, &list); err != nil || len(list) == 0 {
			tb.Fatalf("%s: %d records: %v", name, len(list), err)
		}
		kind := strings.TrimSuffix(filepath.Base(name), ".json")
		for i := range list {
			list[i].flag = kind
		}
		all[kind] = list
	}
	return all
}

func TestHelmRecords(t *testing.T) {
	t.Parallel()
	for kind, list := range records(t) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			for _, r := range list {
				want, wantError := r.Want, r.Error
				got, err := r.collect(t.Context())
				if !sameOutcome(got, err, want, wantError) {
					t.Errorf("base %q --%s %q%q\n got %s, error %v\nwant %s, error %s",
						r.Base, kind, r.Expr, r.File, got, err, want, wantError)
				}
				if syntax, ok := errors.AsType[*values.SyntaxError](err); ok {
					if syntax.Expr != r.Expr || syntax.Offset < 0 || syntax.Offset > len(r.Expr) {
						t.Errorf("--%s %q: fault at %d in %q", kind, r.Expr, syntax.Offset, syntax.Expr)
					}
				}
			}
		})
	}
}

// sameOutcome compares with what Helm did. Where a value is not what a key
// needs, Helm names Go types; lines of faults it counts from the beginning of
// the document, pack from that of the file.
func sameOutcome(got string, err error, want, wantError string) bool {
	if err == nil {
		return wantError == "" && got == want
	}
	// Helm repeats all of the expression, pack no value in it.
	const repeated = "failed parsing --set-json data "
	if strings.HasPrefix(wantError, repeated) {
		return strings.HasPrefix(err.Error(), repeated)
	}
	const clash = "unable to parse key: "
	if head, _, found := strings.Cut(wantError, clash); found {
		return strings.HasPrefix(err.Error(), head+clash)
	}
	line := regexp.MustCompile(`yaml: (line [0-9]+: )?`)
	return line.ReplaceAllString(err.Error(), "yaml: ") == line.ReplaceAllString(wantError, "yaml: ")
}

// collect does with this package what the record did with Helm.
func (r record) collect(ctx context.Context) (string, error) {
	files := recordFiles()
	files["base.yaml"], files["values.yaml"], files["-"] = r.Base, r.File, "IN"
	opts := values.UserOptions{}
	if r.Base != "" {
		opts.Files = []string{"base.yaml"}
	}
	exprs := []string{r.Expr}
	switch r.flag {
	case "values":
		opts.Files = append(opts.Files, "values.yaml")
	case "set":
		opts.Set = exprs
	case "set-string":
		opts.String = exprs
	case "set-json":
		opts.JSON = exprs
	case "set-file":
		opts.File = exprs
	case "set-literal":
		opts.Literal = exprs
	default:
		return "", fmt.Errorf("no flag for records of %s", r.flag)
	}
	m, err := values.Collect(ctx, opts, func(name string) ([]byte, error) {
		if name == "c" {
			return nil, &fs.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
		}
		text, ok := files[name]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT}
		}
		return []byte(text), nil
	})
	if err != nil {
		return "", err
	}
	return dump(m), nil
}

// dump prints a tree as the template of the records' chart does.
func dump(value any) string {
	switch value := value.(type) {
	case map[string]any:
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(value)) {
			parts = append(parts, dump(key)+":"+dump(value[key]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	case []any:
		var parts []string
		for _, element := range value {
			parts = append(parts, dump(element))
		}
		return "[" + strings.Join(parts, ",") + "]"
	case int64:
		return fmt.Sprintf("int(%d)", value)
	case float64:
		return "float(" + toJSON(value) + ")"
	default:
		return toJSON(value)
	}
}

func toJSON(value any) string {
	data, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func TestHelmRecordsAreHelms(t *testing.T) {
	if *helmPath == "" {
		t.Skip("-helm names no binary to compare with")
	}
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "chart"), os.DirFS("testdata/helm/chart")); err != nil {
		t.Fatal(err)
	}
	files := recordFiles()
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), text)
	}
	if err := os.Mkdir(filepath.Join(dir, "c"), 0o755); err != nil {
		t.Fatal(err)
	}
	for kind, list := range records(t) {
		for _, r := range list {
			want, wantError := runHelm(t, dir, r)
			if want != r.Want || wantError != r.Error {
				t.Errorf("base %q --%s %q%q\nrecorded %s, error %s\n    helm %s, error %s",
					r.Base, kind, r.Expr, r.File, r.Want, r.Error, want, wantError)
			}
		}
	}
}

// runHelm gives what Helm prints for a record, or its error.
func runHelm(t *testing.T, dir string, r record) (out, fault string) {
	t.Helper()
	args := []string{"template", "chart"}
	if r.Base != "" {
		writeFile(t, filepath.Join(dir, "base.yaml"), r.Base)
		args = append(args, "--values", "base.yaml")
	}
	if r.flag == "values" {
		writeFile(t, filepath.Join(dir, "values.yaml"), r.File)
		args = append(args, "--values", "values.yaml")
	} else {
		args = append(args, "--"+r.flag, r.Expr)
	}
	cmd := exec.CommandContext(t.Context(), *helmPath, args...)
	cmd.Dir = dir
	cmd.Stdin = strings.NewReader("IN")
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return "", strings.TrimSuffix(strings.TrimPrefix(stderr.String(), "Error: "), "\n")
	}
	_, line, _ := strings.Cut(stdout.String(), "\nout: ")
	out, err := strconv.Unquote(strings.TrimSpace(line))
	if err != nil {
		t.Fatalf("%v in %q", err, stdout.String())
	}
	return out, ""
}

func writeFile(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
