package gotmpl

import (
	"fmt"
	"reflect"
	"unsafe"

	"github.com/seed-0d4f92cc/pack/internal/common"
)

// heldFactor is how many times MaxBytes an execution may hold: all that can be
// reached from its variables, arguments and data.
const heldFactor = 4

// What values take, roughly.
const (
	headBytes  = 16
	mapBytes   = 64
	entryBytes = 48
)

// passesOn tells of functions by their name whether they return what they are
// given. It is wrong of others that have such a name, whose results are then
// counted only where they are held.
func passesOn(name string) bool {
	switch name {
	case "index", "get", "dig", "default", "coalesce", "ternary", "required",
		"first", "mustFirst", "last", "mustLast",
		"set", "unset", "merge", "mergeOverwrite", "mustMerge", "mustMergeOverwrite":
		return true
	}
	return false
}

// hold keeps a value among those that are in use, until release.
func (s *State) hold(v value) { s.held = append(s.held, v) }

func (s *State) release() {
	last := len(s.held) - 1
	s.held[last] = value{}
	s.held = s.held[:last]
}

// charge counts what a function made: texts and lists that double in a loop have
// to end before the memory does.
func (s *State) charge(v value) error {
	if s.limits.MaxBytes <= 0 {
		return nil
	}
	var n int
	switch x := v.x.(type) {
	case nil, bool, int, int64, float64:
		return nil
	case string:
		n = len(x)
	case []any:
		n = len(x) * headBytes
	case map[string]any:
		n = mapBytes + len(x)*entryBytes
	default:
		n = shallow(x)
	}
	if n > s.limits.MaxBytes {
		return fmt.Errorf("%w: a result of %d bytes, at most %d may be made", ErrTooLarge, n, s.limits.MaxBytes)
	}
	return s.Made(n)
}

// shallow is the size of a value of a less usual type.
func shallow(x any) int {
	switch rv := reflect.ValueOf(x); rv.Kind() {
	case reflect.Slice:
		return rv.Len() * int(rv.Type().Elem().Size())
	case reflect.Map:
		return mapBytes + rv.Len()*entryBytes
	}
	return 0
}

// Made counts n bytes that a function made beside its result. Now and then it is
// looked at how much is held: ErrTooLarge says that it is too much.
func (s *State) Made(n int) error {
	limit := heldFactor * s.limits.MaxBytes
	if s.nextCheck == 0 {
		s.nextCheck = limit / 2
	}
	s.made += n + headBytes
	if s.limits.MaxBytes <= 0 || s.made < s.nextCheck {
		return nil
	}
	w := weighing{left: limit, seen: map[unsafe.Pointer]struct{}{}}
	for _, v := range s.vars {
		w.add(v.value.x, 0)
	}
	for _, list := range [][]value{s.args, s.held} {
		for _, v := range list {
			w.add(v.x, 0)
		}
	}
	if w.left < 0 {
		return fmt.Errorf("%w: its values take more than %d bytes", ErrTooLarge, limit)
	}
	s.nextCheck = s.made + max(w.left/2, limit/8)
	return nil
}

// MadeTree counts what a function made that returns a tree.
func (s *State) MadeTree(tree any) error {
	if s.limits.MaxBytes <= 0 {
		return nil
	}
	limit := heldFactor * s.limits.MaxBytes
	w := weighing{left: limit, seen: map[unsafe.Pointer]struct{}{}}
	w.add(tree, 0)
	if w.left < 0 {
		return fmt.Errorf("%w: a value takes more than %d bytes", ErrTooLarge, limit)
	}
	return s.Made(limit - w.left)
}

// weighing adds up what can be reached, everything once.
type weighing struct {
	left int
	seen map[unsafe.Pointer]struct{}
}

// maxWeighDepth is how deep values are looked into.
const maxWeighDepth = 100_000

func (w *weighing) add(x any, depth int) {
	if w.left < 0 {
		return
	}
	w.left -= headBytes
	switch x := x.(type) {
	case nil, bool, int, int64, float64:
	case string:
		if len(x) < 1<<10 || w.first(unsafe.Pointer(unsafe.StringData(x))) {
			w.left -= len(x)
		}
	case []any:
		w.list(x, depth)
	case map[string]any:
		w.tree(x, depth)
	case common.Values:
		w.tree(x, depth)
	case reflect.Value:
		if x.IsValid() && x.CanInterface() {
			w.other(x, depth)
		}
	default:
		w.other(reflect.ValueOf(x), depth)
	}
}

// first says whether something is seen for the first time.
func (w *weighing) first(p unsafe.Pointer) bool {
	if _, seen := w.seen[p]; seen {
		return false
	}
	w.seen[p] = struct{}{}
	return true
}

func (w *weighing) list(x []any, depth int) {
	if len(x) == 0 || depth > maxWeighDepth || !w.first(unsafe.Pointer(unsafe.SliceData(x))) {
		return
	}
	for _, elem := range x {
		w.add(elem, depth+1)
	}
}

func (w *weighing) tree(x map[string]any, depth int) {
	if len(x) == 0 || depth > maxWeighDepth || !w.first(reflect.ValueOf(x).UnsafePointer()) {
		return
	}
	w.left -= mapBytes
	for key, elem := range x {
		w.left -= entryBytes + len(key)
		w.add(elem, depth+1)
	}
}

// other weighs what functions of sprig make. What it does not know, such as the
// files of a chart, was there before.
func (w *weighing) other(v reflect.Value, depth int) {
	switch v.Kind() {
	case reflect.Interface:
		if !v.IsNil() {
			w.add(v.Elem().Interface(), depth)
		}
	case reflect.Slice:
		if v.Len() == 0 || !w.first(v.UnsafePointer()) {
			return
		}
		w.left -= v.Len() * int(v.Type().Elem().Size())
		if v.Type().Elem().Kind() == reflect.String {
			for i := range v.Len() {
				w.left -= v.Index(i).Len()
			}
		}
		if v.Type().Elem().Kind() == reflect.Slice {
			for i := range v.Len() {
				w.other(v.Index(i), depth+1)
			}
		}
	case reflect.Map:
		if v.Type().Elem().Kind() != reflect.String || !w.first(v.UnsafePointer()) {
			return
		}
		for it := v.MapRange(); it.Next(); {
			w.left -= entryBytes + it.Key().Len() + it.Value().Len()
		}
	}
}
