package archtest_test

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// ambient are the names through which a package reaches what nobody handed to
// it.
var ambient = map[string][]string{
	"os":      {"Getenv", "LookupEnv", "Environ", "Exit", "Getwd", "Stdin", "Stdout", "Stderr", "Args"},
	"fmt":     {"Print", "Println", "Printf"},
	"context": {"Background", "TODO"},
	"log":     {"Print", "Println", "Printf", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Default"},
	"slog":    {"Default", "SetDefault", "Info", "Warn", "Error", "Debug"},
}

func TestNothingAmbient(t *testing.T) {
	t.Parallel()
	eachLibraryFile(t, func(t *testing.T, tr *tree, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			x, ok := sel.X.(*ast.Ident)
			if !ok || x.Obj != nil {
				return true
			}
			for _, name := range ambient[x.Name] {
				if sel.Sel.Name == name {
					t.Errorf("%s: %s.%s in a library package", tr.fset.Position(n.Pos()), x.Name, name)
				}
			}
			return true
		})
	})
}

func TestNoGlobalState(t *testing.T) {
	t.Parallel()
	eachLibraryFile(t, func(t *testing.T, tr *tree, file *ast.File) {
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					t.Errorf("%s: init in a library package", tr.fset.Position(d.Pos()))
				}
			case *ast.GenDecl:
				if d.Tok != token.VAR {
					continue
				}
				for _, name := range varNames(d) {
					if name.IsExported() && !strings.HasPrefix(name.Name, "Err") {
						t.Errorf("%s: exported variable %s", tr.fset.Position(name.Pos()), name.Name)
					}
				}
			}
		}
	})
}

func varNames(d *ast.GenDecl) []*ast.Ident {
	var names []*ast.Ident
	for _, spec := range d.Specs {
		if v, ok := spec.(*ast.ValueSpec); ok {
			names = append(names, v.Names...)
		}
	}
	return names
}

// The sizes beyond which a structure or a signature is to be split.
const (
	maxFields = 15
	maxParams = 5
)

func TestSignatures(t *testing.T) {
	t.Parallel()
	eachLibraryFile(t, func(t *testing.T, tr *tree, file *ast.File) {
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			params, contextAt := 0, -1
			for _, field := range f.Type.Params.List {
				n := max(len(field.Names), 1)
				if isContext(field.Type) {
					contextAt = params
					continue
				}
				params += n
			}
			if contextAt > 0 {
				t.Errorf("%s: %s takes its context late", tr.fset.Position(f.Pos()), f.Name.Name)
			}
			if params > maxParams {
				t.Errorf("%s: %s has %d parameters, at most %d", tr.fset.Position(f.Pos()), f.Name.Name, params, maxParams)
			}
		}
	})
}

func isContext(e ast.Expr) bool {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := sel.X.(*ast.Ident)
	return ok && x.Name == "context" && sel.Sel.Name == "Context"
}

func TestOptionStructs(t *testing.T) {
	t.Parallel()
	eachLibraryFile(t, func(t *testing.T, tr *tree, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			s, ok := spec.Type.(*ast.StructType)
			if !ok || !isOptions(spec.Name.Name) {
				return true
			}
			if got := s.Fields.NumFields(); got > maxFields {
				t.Errorf("%s: %s has %d fields, at most %d", tr.fset.Position(n.Pos()), spec.Name.Name, got, maxFields)
			}
			return true
		})
	})
}

func isOptions(name string) bool {
	return strings.HasSuffix(name, "Config") || strings.HasSuffix(name, "Options") || strings.HasSuffix(name, "Request")
}

func TestDocumented(t *testing.T) {
	t.Parallel()
	tr := load(t)
	for _, p := range tr.pkgs {
		if !strings.HasPrefix(p.path, "pkg/") {
			continue
		}
		documented := false
		for _, file := range p.files {
			documented = documented || file.Doc != nil
			for _, decl := range file.Decls {
				for _, name := range undocumented(decl) {
					t.Errorf("%s: %s has no comment", tr.fset.Position(name.Pos()), name.Name)
				}
			}
		}
		if !documented {
			t.Errorf("%s has no package comment", p.path)
		}
	}
}

// undocumented are the exported names of a declaration that have no comment of
// their own and none for their group.
func undocumented(decl ast.Decl) []*ast.Ident {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && !obvious(d) {
			return []*ast.Ident{d.Name}
		}
	case *ast.GenDecl:
		return undocumentedSpecs(d)
	}
	return nil
}

func undocumentedSpecs(d *ast.GenDecl) []*ast.Ident {
	var out []*ast.Ident
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Name.IsExported() && s.Doc == nil && d.Doc == nil {
				out = append(out, s.Name)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if name.IsExported() && s.Doc == nil && d.Doc == nil && s.Comment == nil {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// obvious are methods whose name says it all, by convention, and methods of
// types that are not exported.
func obvious(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return false
	}
	switch d.Name.Name {
	case "Error", "Unwrap", "String", "Is":
		return true
	}
	receiver := d.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	id, ok := receiver.(*ast.Ident)
	return ok && !id.IsExported()
}

// eachLibraryFile calls check for the files of all packages that others may
// embed.
func eachLibraryFile(t *testing.T, check func(*testing.T, *tree, *ast.File)) {
	t.Helper()
	tr := load(t)
	for _, p := range tr.pkgs {
		if !p.library() {
			continue
		}
		for _, file := range p.files {
			check(t, tr, file)
		}
	}
}
