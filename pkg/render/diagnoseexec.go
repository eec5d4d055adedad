package render

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
	"github.com/seed-0d4f92cc/pack/internal/nearest"
	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// maxChain is how many calls are told at either end of a long chain.
const maxChain = 50

// diagnose explains why a file could not be executed.
func (e *execution) diagnose(ctx context.Context, i int, err error) error {
	failed, ok := errors.AsType[*Error](err)
	if !ok || len(failed.Frames) == 0 {
		return err
	}
	d := Diagnosis{}
	texts := newTemplates(e.sources)
	for i, f := range failed.Frames {
		if f.File == rootName {
			break
		}
		if i >= maxChain && i < len(failed.Frames)-maxChain {
			continue
		}
		l := texts.location(f.File, f.Line, f.Column)
		l.Expression = f.Node
		if n := len(d.Chain); n > 0 && d.Chain[n-1] == l {
			continue
		}
		d.Chain = append(d.Chain, l)
	}
	if len(d.Chain) == 0 {
		return err
	}
	last := len(d.Chain) - 1
	d.Where, d.Chain = d.Chain[last], d.Chain[:last]
	d.Hints = append(d.Hints, e.nameHints(err)...)
	d.Hints = append(d.Hints, tplHints(err)...)
	d.Hints = append(d.Hints, e.boundHints(err)...)
	if !isBound(err) && ctx.Err() == nil {
		d.Hints = append(d.Hints, e.valueHints(ctx, i, failed)...)
	}
	return &DiagnosedError{Err: err, Configured: e.configured, Diagnosis: d}
}

// boundHints tell of the bound that was hit, and what it is called.
func (e *execution) boundHints(err error) []Hint {
	cfg := e.renderer.cfg
	var text string
	switch {
	case errors.Is(err, ErrTimeout):
		text = fmt.Sprintf("a rendering may take %v (Config.Timeout)", cfg.Timeout)
	case errors.Is(err, ErrTooLarge):
		text = fmt.Sprintf("a rendering may make %d bytes (Config.MaxBytes)", cfg.MaxBytes)
	case errors.Is(err, ErrTooDeep):
		text = "does a template include itself?"
	default:
		return nil
	}
	return []Hint{{Text: text}}
}

// isBound says whether a bound ended the execution, or its context: it would do
// so again.
func isBound(err error) bool {
	return errors.Is(err, ErrTooLarge) || errors.Is(err, ErrTooDeep) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}

// nameHints tell of templates whose names are like that of a missing one.
func (e *execution) nameHints(err error) []Hint {
	name := ""
	if missing, ok := errors.AsType[*gotmpl.LookupError](err); ok {
		name = missing.Name
	} else if m := undefinedTemplate().FindStringSubmatch(err.Error()); m != nil {
		name = m[1]
	}
	if name == "" {
		return nil
	}
	if like := nearest.Find(name, slices.Collect(e.set.Names())); like != "" {
		return []Hint{{Text: fmt.Sprintf("no template is named %q; did you mean %q?", name, like)}}
	}
	return []Hint{{Text: fmt.Sprintf("no template is named %q: is a dependency missing, or its name misspelt?", name)}}
}

func undefinedTemplate() *regexp.Regexp { return regexp.MustCompile(`template "([^"]*)" not defined`) }

// tplHints show the text that tpl was given.
func tplHints(err error) []Hint {
	call, ok := errors.AsType[*gotmpl.CallError](err)
	if !ok {
		return nil
	}
	line := 1
	if inner, ok := errors.AsType[*gotmpl.ExecError](call.Err); ok && inner.File == rootName {
		line = inner.Line
	} else if m := regexp.MustCompile(`template: ` + rootName + `:(\d+)`).FindStringSubmatch(call.Err.Error()); m != nil {
		line = atoi(m[1])
	}
	return []Hint{{Text: fmt.Sprintf("line %d of the text given to tpl: %s", line, strings.TrimSpace(cut(lineOf(call.Text, line))))}}
}

// cut bounds what is shown of a text.
func cut(text string) string {
	const most = 200
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}

// valueHints execute the file once more, and tell what is known of the values
// that it was looking at when it failed.
func (e *execution) valueHints(ctx context.Context, i int, failed *Error) []Hint {
	t, dots, err := e.retrace(ctx, i)
	again, ok := errors.AsType[*Error](err)
	if !ok || again.Error() != failed.Error() || t.Names == nil {
		return nil
	}
	v := newValuePaths(dots)
	chain := "." + strings.Join(t.Names, ".")
	node := failed.Frames[len(failed.Frames)-1].Node
	_, said := errors.AsType[*messageError](failed.Err)
	switch {
	case said && strings.HasPrefix(node, "required"):
		return v.required(t)
	case !strings.Contains(node, chain):
		return nil
	}
	return v.hints(t, failed.Message)
}

// retrace executes one file again, alone and on objects of its own, and keeps
// a trace of it. The error has the form of execError.
func (e *execution) retrace(ctx context.Context, i int) (t *gotmpl.Trace, dots []map[string]any, err error) {
	all := newDots(e.charts, values.Clone(e.configured.Values), e.in)
	e.setLastTemplates(all, i)
	s := e.state(ctx)
	t = s.Record()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("rendering template failed: %v", r)
		}
	}()
	src := e.files[i]
	dot := all[src.owner]
	dot["Template"] = e.template(src)
	s.Data = &fileRun{renderer: e.renderer}
	if _, err = s.Render(src.name, dot); err != nil {
		err = execError(src.name, err)
	}
	for _, d := range all {
		dots = append(dots, d)
	}
	return t, dots, err
}
