package gotmpl

import "github.com/seed-0d4f92cc/pack/internal/tmpltree"

// Trace records what an execution does, so that its outcome can be explained:
// which part of a template wrote which part of the output, and which fields were
// looked at last. A State that has one is slow.
type Trace struct {
	// Base is the value from which a chain of fields (.A.B.C) was last followed,
	// Names are the fields, and At is the one that was being looked at: all
	// before it were found. It is len(Names) when the chain came to its end.
	Base  any
	Names []string
	At    int
	// Written is the last outermost execution.
	Written Written

	frames []traceFrame
}

// Written is the output of an execution and what wrote it.
type Written struct {
	Text     string
	Segments []Segment
}

// Segment is a part of an output that one text or action wrote.
type Segment struct {
	// From and To are offsets in the output.
	From, To int
	Position Position
	// IsText says that it was a text, which can go on over lines.
	IsText bool
	// Inner are the executions whose output the action had in hand: those of
	// include and tpl.
	Inner []Written
}

// Position is a place in the text of a template.
type Position struct {
	// File is the name under which the text was parsed; "gotpl" is the text
	// given to tpl. Line counts from 1, Column from 0.
	File         string
	Line, Column int
}

// traceFrame is an execution under way.
type traceFrame struct {
	start    int
	segments []Segment
	// inner are the executions that ended since the current action began.
	inner []Written
}

func (t *Trace) enter(start int) {
	if t != nil {
		t.frames = append(t.frames, traceFrame{start: start})
	}
}

// leave ends an execution that wrote text.
func (t *Trace) leave(text []byte) {
	if t == nil {
		return
	}
	last := len(t.frames) - 1
	done := Written{Text: string(text), Segments: t.frames[last].segments}
	t.frames = t.frames[:last]
	if last == 0 {
		t.Written = done
		return
	}
	outer := &t.frames[last-1]
	outer.inner = append(outer.inner, done)
}

// action forgets the executions of the action before.
func (t *Trace) action() {
	if t != nil {
		t.frames[len(t.frames)-1].inner = nil
	}
}

// wrote records that a node wrote what stands from an offset on.
func (t *Trace) wrote(s *State, node tmpltree.Node, from int) {
	if t == nil {
		return
	}
	f := &t.frames[len(t.frames)-1]
	seg := Segment{From: from - f.start, To: len(s.out) - f.start, Inner: f.inner}
	seg.Position.File = s.tree.File
	seg.Position.Line, seg.Position.Column = s.tree.Place(node)
	_, seg.IsText = node.(*tmpltree.TextNode)
	f.segments = append(f.segments, seg)
	f.inner = nil
}

// follow records that a chain of fields is being followed.
func (t *Trace) follow(base value, names []string) {
	if t != nil {
		t.Base, t.Names, t.At = base.any(), names, 0
	}
}

// found records that one more field of the chain was found.
func (t *Trace) found() {
	if t != nil {
		t.At++
	}
}

// Record makes the State keep a trace of what it executes from now on.
func (s *State) Record() *Trace {
	s.trace = &Trace{}
	return s.trace
}
