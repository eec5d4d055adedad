package gotmpl

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// The bounds on nesting. A call of template costs one level, a call of a
// function that executes templates several: it takes as much more stack.
const (
	// maxTemplateDepth is text/template's bound on template within template.
	maxTemplateDepth = 100_000
	executeLevels    = 8
	// DefaultMaxDepth is what Limits.MaxDepth is when it is zero.
	DefaultMaxDepth = 150_000
)

// checkEvery is after how many steps the context is looked at.
const checkEvery = 512

// Limits bound an execution.
type Limits struct {
	// MaxBytes is how long the output may become, how long what one function
	// is given to write, and what it returns; 0 means no bound. All values that
	// an execution can reach may be heldFactor times as large together.
	MaxBytes int
	// MaxDepth is how deep templates may call each other: a call of template is
	// one level, a call of a function that executes templates eight. 0 means
	// DefaultMaxDepth.
	MaxDepth int
}

// State is an execution of templates: one goroutine's, one after another.
// Functions that execute templates are given it.
type State struct {
	lib    *Library
	set    *Set
	ctx    context.Context //nolint:containedctx // a State lives no longer than the call that the context was handed to
	limits Limits
	// Data is the caller's, for its functions.
	Data any

	// out holds the output of all executions under way, the innermost last.
	out  []byte
	vars []variable
	// base is where the variables of the current template begin.
	base int
	// args holds the arguments of all calls under way.
	args  []value
	tree  *tmpltree.Tree
	node  tmpltree.Node
	depth int
	// level counts all nesting, and never starts anew.
	level int
	steps int
	// links counts the errors since the outermost execution began.
	links int
	// held are values in use that neither vars nor args hold.
	held []value
	// made counts the bytes that functions made, nextCheck is the count at which
	// it is looked at what of that is still held.
	made, nextCheck int
	// trace is kept on demand; nil otherwise.
	trace *Trace
	// keepMissing is what KeepMissing asks for.
	keepMissing bool
}

type variable struct {
	name  string
	value value
}

// NewState makes a State that executes templates of set with functions of lib
// until the context ends.
func NewState(ctx context.Context, lib *Library, set *Set, limits Limits) *State {
	if limits.MaxDepth <= 0 {
		limits.MaxDepth = DefaultMaxDepth
	}
	return &State{ctx: ctx, lib: lib, set: set, limits: limits}
}

// Context ends when the execution has to.
func (s *State) Context() context.Context { return s.ctx }

// Name is the name of the template under execution.
func (s *State) Name() string { return s.tree.Name }

// Render executes the named template of the set. The error is an *ExecError,
// unless the template does not exist, the context ended or a bound was hit.
func (s *State) Render(name string, dot any) (string, error) {
	tree := s.set.Lookup(name)
	if tree == nil {
		return "", &LookupError{Name: name}
	}
	return s.render(tree, dot)
}

// RenderWith executes the first of trees, with all of them before the templates
// of the set, also for what is called in the course of it.
func (s *State) RenderWith(trees []*tmpltree.Tree, dot any) (string, error) {
	outer := s.set
	s.set = outer.Overlay(trees)
	defer func() { s.set = outer }()
	return s.render(trees[0], dot)
}

// LookupError says that there is no template of a name. Its text is that of
// text/template for a set without a name of its own in Helm: "gotpl".
type LookupError struct{ Name string }

func (e *LookupError) Error() string {
	return fmt.Sprintf("template: no template %q associated with template %q", e.Name, rootName)
}

// rootName is the name of Helm's set of templates.
const rootName = "gotpl"

// render executes a tree as an execution of its own within the current one.
func (s *State) render(tree *tmpltree.Tree, dot any) (text string, err error) {
	outer := *s
	s.level += executeLevels
	if s.level > s.limits.MaxDepth {
		s.level = outer.level
		return "", fmt.Errorf("%w: %q is one level too many", ErrTooDeep, tree.Name)
	}
	s.tree, s.node, s.base, s.depth = tree, nil, len(s.vars), 0
	if outer.level == 0 {
		s.made, s.nextCheck, s.links = 0, 0, 0
	}
	start := len(s.out)
	s.trace.enter(start)
	err = s.run(dot)
	s.trace.leave(s.out[start:])
	if err == nil {
		text = string(clean(s.out[start:], outer.level == 0 && !s.keepMissing))
	}
	clear(s.vars[len(outer.vars):])
	clear(s.args[len(outer.args):])
	clear(s.held[len(outer.held):])
	s.out, s.held = s.out[:start], s.held[:len(outer.held)]
	s.vars, s.args = s.vars[:len(outer.vars)], s.args[:len(outer.args)]
	s.tree, s.node, s.base, s.depth, s.level = outer.tree, outer.node, outer.base, outer.depth, outer.level
	return text, err
}

// noValue is what a missing value prints as.
const noValue = "<no value>"

// KeepMissing leaves "<no value>" in the output where a value is missing. Without it there
// is nothing in its place, as in Helm's charts.
func (s *State) KeepMissing() { s.keepMissing = true }

// clean removes the marks of missing values from an output, if that is wanted.
func clean(out []byte, wanted bool) []byte {
	if !wanted || !bytes.Contains(out, []byte(noValue)) {
		return out
	}
	return bytes.ReplaceAll(out, []byte(noValue), nil)
}

func (s *State) run(dot any) (err error) {
	defer catch(&err)
	d := value{}
	if dot != nil {
		d = of(dot)
	}
	s.vars = append(s.vars, variable{"$", d})
	if s.tree.Root == nil {
		s.failf("%q is an incomplete or empty template", s.tree.Name)
	}
	s.walk(d, s.tree.Root)
	return nil
}

// step counts work, and ends the execution when the context has ended.
func (s *State) step() {
	if s.steps++; s.steps%checkEvery == 0 {
		if err := s.Ended(); err != nil {
			s.fail("the execution was ended", err)
		}
	}
}

// Ended is why the execution has to end, nil while it may go on.
func (s *State) Ended() error { return Ended(s.ctx) }

// Ended is why a context ended: its error and, where it has one, its cause. It
// is nil while the context goes on.
func Ended(ctx context.Context) error {
	err := ctx.Err()
	if err == nil {
		return nil
	}
	cause := context.Cause(ctx)
	if errors.Is(cause, err) {
		return cause
	}
	return fmt.Errorf("%w: %w", err, cause)
}

// wrote checks the bound on the output after more of it.
func (s *State) wrote() {
	if s.limits.MaxBytes > 0 && len(s.out) > s.limits.MaxBytes {
		s.fail("the execution was ended", fmt.Errorf("%w: more than %d bytes", ErrTooLarge, s.limits.MaxBytes))
	}
}

// push declares a variable.
func (s *State) push(name string, v value) { s.vars = append(s.vars, variable{name, v}) }

// pop forgets the variables declared since there were mark of them.
func (s *State) pop(mark int) {
	clear(s.vars[mark:])
	s.vars = s.vars[:mark]
}

// find is the innermost variable of a name.
func (s *State) find(name string) *variable {
	for i := len(s.vars) - 1; i >= s.base; i-- {
		if s.vars[i].name == name {
			return &s.vars[i]
		}
	}
	s.failf("undefined variable: %s", name)
	return nil
}
