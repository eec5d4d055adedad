package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"strings"
	"testing"
)

// exampled are the packages whose entry points examples show.
var exampled = []string{"pkg/values", "pkg/chart", "pkg/manifest", "pkg/render"}

// TestEntryPointsHaveExamples sees to it that every exported function of the
// packages for embedding is called by an example, or is the one that an example
// is named after; and every exported method that takes an argument. Methods
// without arguments read what is there.
func TestEntryPointsHaveExamples(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, name := range exampled {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			shown := inExamples(t, filepath.Join("..", "..", filepath.FromSlash(name)))
			points := 0
			for _, file := range tr.pkgs[name].files {
				for _, decl := range file.Decls {
					f, ok := decl.(*ast.FuncDecl)
					if !ok || !isEntryPoint(f) {
						continue
					}
					points++
					if !shown[f.Name.Name] {
						t.Errorf("%s: no example calls %s", tr.fset.Position(f.Pos()), f.Name.Name)
					}
				}
			}
			if points == 0 {
				t.Error("no entry points: the walk is broken")
			}
		})
	}
}

func isEntryPoint(f *ast.FuncDecl) bool {
	if !f.Name.IsExported() || obvious(f) {
		return false
	}
	return f.Recv == nil || f.Type.Params.NumFields() > 0
}

// inExamples are the names that the examples of a package mention.
func inExamples(t *testing.T, dir string) map[string]bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("tests of %s: %v", dir, err)
	}
	shown := map[string]bool{}
	for _, name := range names {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || !strings.HasPrefix(f.Name.Name, "Example") {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if sel, ok := n.(*ast.SelectorExpr); ok {
					shown[sel.Sel.Name] = true
				}
				return true
			})
		}
	}
	return shown
}
