package lint_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite deprecated.txt from the sources of k8s.io/api")

// TestDeprecatedAPIs keeps deprecated.txt in step with the version of k8s.io/api
// that the module requires.
func TestDeprecatedAPIs(t *testing.T) {
	t.Parallel()
	want := deprecatedTable(t)
	if *update {
		if err := os.WriteFile("deprecated.txt", []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("deprecated.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("deprecated.txt is out of date, run go test ./pkg/lint -update (-want +got):\n%s", diff)
	}
}

// lifecycle is what the sources say of one kind.
type lifecycle struct{ deprecated, removed, replacement string }

func deprecatedTable(t *testing.T) string {
	t.Helper()
	api, client := moduleDir(t, "k8s.io/api"), moduleDir(t, "k8s.io/client-go")
	known := imports(t, filepath.Join(client, "kubernetes", "scheme", "register.go"))
	files, err := filepath.Glob(filepath.Join(api, "*", "*", "*lifecycle.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no sources of APIs in %s (%v)", api, err)
	}
	var lines []string
	for _, file := range files {
		dir := filepath.Dir(file)
		rel, err := filepath.Rel(api, dir)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Contains(known, "k8s.io/api/"+filepath.ToSlash(rel)) {
			continue
		}
		version := apiVersion(groupName(t, filepath.Join(dir, "register.go")), filepath.Base(dir))
		for kind, l := range lifecycles(t, file) {
			if l.deprecated == "" {
				continue
			}
			line := fmt.Sprintf("%s %s %s %s %s", version, kind, l.deprecated, cmpOr(l.removed, "-"), l.replacement)
			lines = append(lines, strings.TrimSpace(line)+"\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func cmpOr(text, fallback string) string {
	if text == "" {
		return fallback
	}
	return text
}

func apiVersion(group, version string) string {
	if group == "" {
		return version
	}
	return group + "/" + version
}

func moduleDir(t *testing.T, module string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", module)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list -m %s: %v", module, err)
	}
	return string(bytes.TrimSpace(out))
}

func parse(t *testing.T, file string) *ast.File {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func imports(t *testing.T, file string) []string {
	t.Helper()
	var out []string
	for _, i := range parse(t, file).Imports {
		out = append(out, strings.Trim(i.Path.Value, `"`))
	}
	return out
}

// groupName is the value of the constant GroupName.
func groupName(t *testing.T, file string) string {
	t.Helper()
	for _, decl := range parse(t, file).Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST {
			continue
		}
		for _, spec := range d.Specs {
			v, ok := spec.(*ast.ValueSpec)
			if ok && v.Names[0].Name == "GroupName" {
				return literal(v.Values[0])
			}
		}
	}
	t.Fatalf("%s has no GroupName", file)
	return ""
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok {
		return ""
	}
	return strings.Trim(l.Value, `"`)
}

// lifecycles reads the generated methods of a version: each returns constants.
func lifecycles(t *testing.T, file string) map[string]lifecycle {
	t.Helper()
	out := map[string]lifecycle{}
	for _, decl := range parse(t, file).Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Recv == nil {
			continue
		}
		kind := f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name
		results := f.Body.List[0].(*ast.ReturnStmt).Results
		l := out[kind]
		switch f.Name.Name {
		case "APILifecycleDeprecated":
			l.deprecated = literal(results[0]) + "." + literal(results[1])
		case "APILifecycleRemoved":
			l.removed = literal(results[0]) + "." + literal(results[1])
		case "APILifecycleReplacement":
			l.replacement = groupVersionKind(results[0])
		}
		out[kind] = l
	}
	return out
}

func groupVersionKind(e ast.Expr) string {
	fields := map[string]string{}
	for _, elt := range e.(*ast.CompositeLit).Elts {
		kv := elt.(*ast.KeyValueExpr)
		fields[kv.Key.(*ast.Ident).Name] = literal(kv.Value)
	}
	return apiVersion(fields["Group"], fields["Version"]) + " " + fields["Kind"]
}
