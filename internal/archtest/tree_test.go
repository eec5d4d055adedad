package archtest_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/seed-0d4f92cc/pack"

// pkg is one package of the module, as its sources have it.
type pkg struct {
	path  string // below the module: "pkg/chart"
	files map[string]*ast.File
}

// tree are the packages of the module, tests left out.
type tree struct {
	fset *token.FileSet
	pkgs map[string]*pkg
}

// load parses every Go file of the module.
func load(t *testing.T) *tree {
	t.Helper()
	root := filepath.Join("..", "..")
	tr := &tree{fset: token.NewFileSet(), pkgs: map[string]*pkg{}}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		rel = filepath.ToSlash(rel)
		if d.IsDir() {
			if rel != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata" ||
				rel == "build" || rel == "tools" || rel == "test/controlplane") {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(rel, ".go") || strings.HasSuffix(rel, "_test.go") {
			return nil
		}
		return tr.add(rel, name)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(tr.pkgs) < 8 {
		t.Fatalf("only %d packages were found: the walk is broken", len(tr.pkgs))
	}
	return tr
}

func (tr *tree) add(rel, name string) error {
	src, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	file, err := parser.ParseFile(tr.fset, rel, src, parser.ParseComments)
	if err != nil {
		return err
	}
	dir := path.Dir(rel)
	if tr.pkgs[dir] == nil {
		tr.pkgs[dir] = &pkg{path: dir, files: map[string]*ast.File{}}
	}
	tr.pkgs[dir].files[rel] = file
	return nil
}

// imports are the packages that p imports, the module's own as paths below it.
func (p *pkg) imports() (own, foreign []string) {
	seen := map[string]bool{}
	for _, f := range p.files {
		for _, spec := range f.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil || seen[name] {
				continue
			}
			seen[name] = true
			if below, ok := strings.CutPrefix(name, module+"/"); ok {
				own = append(own, below)
			} else if strings.Contains(strings.Split(name, "/")[0], ".") {
				foreign = append(foreign, name)
			}
		}
	}
	return own, foreign
}

// library says whether p is one of the packages that others may embed.
func (p *pkg) library() bool {
	return strings.HasPrefix(p.path, "pkg/") || strings.HasPrefix(p.path, "internal/")
}

// reach are the packages of the module that p links, itself included.
func (tr *tree) reach(start string) []string {
	seen := map[string]bool{}
	var walk func(string)
	walk = func(name string) {
		if seen[name] || tr.pkgs[name] == nil {
			return
		}
		seen[name] = true
		own, _ := tr.pkgs[name].imports()
		for _, o := range own {
			walk(o)
		}
	}
	walk(start)
	var out []string
	for name := range seen {
		out = append(out, name)
	}
	return out
}
