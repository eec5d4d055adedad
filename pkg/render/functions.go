package render

import (
	"errors"
	"fmt"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// fileRun is the rendering of one file, as functions of templates see it.
type fileRun struct {
	renderer *Renderer
	// shared are the maps that the file may not change; nil where it may.
	shared *sharedMaps
	// own are the addresses of the maps that stand for shared ones.
	own [2]uintptr
	// nested counts how often each template is being included.
	nested   map[string]int
	warnings []string
}

// messageError is what fail and required say. Of the whole chain of an error
// only this is shown, with the outermost position.
type messageError struct{ message string }

func (e *messageError) Error() string { return e.message }

// addFuncs adds the functions that have to do with a rendering.
func (r *Renderer) addFuncs(funcs map[string]any) {
	funcs["include"] = include
	funcs["tpl"] = tpl
	funcs["required"] = required
	funcs["fail"] = fail
	funcs["lookup"] = r.lookup
	funcs["getHostByName"] = r.resolveHost
}

// maxNested is how often a template may be included in itself.
const maxNested = 1000

func include(s *gotmpl.State, name string, data any) (string, error) {
	f := s.Data.(*fileRun)
	if f.nested == nil {
		f.nested = map[string]int{}
	}
	if f.nested[name] > maxNested {
		return "", fmt.Errorf("rendering template has a nested reference name: %s: %w", name, errNested)
	}
	f.nested[name]++
	text, err := s.Render(name, data)
	f.nested[name]--
	return text, err
}

var errNested = errors.New("unable to execute template")

func tpl(s *gotmpl.State, text string, data any) (string, error) {
	if !strings.Contains(text, "{{") {
		return strings.ReplaceAll(text, noValue, ""), nil
	}
	trees, err := s.Data.(*fileRun).renderer.parseText(rootName, text)
	if err != nil {
		return "", &gotmpl.CallError{Message: "cannot parse template", Text: text, Err: err}
	}
	result, err := s.RenderWith(trees, data)
	if err != nil {
		return "", &gotmpl.CallError{Message: "error during tpl function execution for", Text: text, Err: err}
	}
	return strings.ReplaceAll(result, noValue, ""), nil
}

// noValue is what a missing value prints as.
const noValue = "<no value>"

func required(s *gotmpl.State, message string, v any) (any, error) {
	if text, isText := v.(string); v == nil || isText && text == "" {
		f := s.Data.(*fileRun)
		if !f.renderer.cfg.Lint {
			return v, &messageError{message}
		}
		f.warnings = append(f.warnings, "missing required value: "+message)
		return "", nil
	}
	return v, nil
}

func fail(s *gotmpl.State, message string) (string, error) {
	f := s.Data.(*fileRun)
	if !f.renderer.cfg.Lint {
		return "", &messageError{message}
	}
	f.warnings = append(f.warnings, "fail: "+message)
	return "", nil
}

func (r *Renderer) lookup(s *gotmpl.State, apiVersion, kind, namespace, name string) (map[string]any, error) {
	if r.cfg.Lookup == nil || r.cfg.Lint {
		return map[string]any{}, nil
	}
	object, err := r.cfg.Lookup(s.Context(), apiVersion, kind, namespace, name)
	if object == nil {
		object = map[string]any{}
	}
	return object, err
}

func (r *Renderer) resolveHost(s *gotmpl.State, host string) (string, error) {
	if r.cfg.ResolveHost == nil {
		return "", nil
	}
	return r.cfg.ResolveHost(s.Context(), host)
}
