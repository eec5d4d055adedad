package gotmpl

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"text/template/parse"
)

// print writes the value of an action.
func (s *State) print(node parse.Node, v value) {
	switch x := v.x.(type) {
	case nil:
		s.out = append(s.out, noValue...)
	case string:
		s.out = append(s.out, x...)
	case int:
		s.out = strconv.AppendInt(s.out, int64(x), 10)
	case int64:
		s.out = strconv.AppendInt(s.out, x, 10)
	case bool:
		s.out = strconv.AppendBool(s.out, x)
	default:
		s.printAny(node, v)
	}
	s.wrote()
}

func (s *State) printAny(node parse.Node, v value) {
	rv := v.reflect()
	if rv.Kind() == reflect.Pointer {
		rv, _ = indirectReflect(rv)
	}
	if !rv.IsValid() {
		s.out = append(s.out, noValue...)
		return
	}
	if !printsItself(rv.Type()) {
		switch {
		case rv.CanAddr() && printsItself(reflect.PointerTo(rv.Type())):
			rv = rv.Addr()
		case rv.Kind() == reflect.Chan, rv.Kind() == reflect.Func:
			s.failf("can't print %s of type %s", node, rv.Type())
		}
	}
	x := rv.Interface()
	if err := s.checkPrintable([]any{x}); err != nil {
		s.fail("can't print "+node.String(), err)
	}
	s.out = fmt.Append(s.out, x)
}

func printsItself(t reflect.Type) bool {
	return t.Implements(reflect.TypeFor[error]()) || t.Implements(reflect.TypeFor[fmt.Stringer]())
}

// Bounds on what is turned into text at once.
const (
	maxPrintDepth = 10_000
	maxPrintNodes = 5_000_000
)

// ErrEndless is returned for a value that holds itself, or shares parts so that
// its text would have no practical end.
var ErrEndless = errors.New("the value holds itself, or is too large to be written")

// checkPrintable refuses trees whose text would not end: a map can be put into
// itself, and shared maps multiply.
func (s *State) checkPrintable(args []any) error {
	for _, x := range args {
		if err := CheckTree(x); err != nil {
			return err
		}
	}
	return nil
}

// CheckTree is an error, ErrEndless, for a tree of values that holds itself or
// has more nodes than can be written.
func CheckTree(x any) error {
	switch x.(type) {
	case nil, string, bool, int, int64, float64:
		return nil
	}
	left := maxPrintNodes
	if !measure(x, &left, 0) {
		return ErrEndless
	}
	return nil
}

func measure(x any, left *int, depth int) bool {
	if *left--; *left < 0 || depth > maxPrintDepth {
		return false
	}
	switch x := x.(type) {
	case map[string]any:
		for _, v := range x {
			if !measure(v, left, depth+1) {
				return false
			}
		}
	case []any:
		for _, v := range x {
			if !measure(v, left, depth+1) {
				return false
			}
		}
	case nil, string, bool, int, int64, float64:
	default:
		return measureOther(x, left, depth)
	}
	return true
}

// measureOther looks into maps and lists of other types.
func measureOther(x any, left *int, depth int) bool {
	rv := reflect.ValueOf(x)
	switch rv.Kind() {
	case reflect.Map:
		if m, ok := plainMap(rv); ok {
			return measure(m, left, depth)
		}
		for it := rv.MapRange(); it.Next(); {
			if it.Value().CanInterface() && !measure(it.Value().Interface(), left, depth+1) {
				return false
			}
		}
	case reflect.Slice:
		if rv.Type().Elem().Kind() == reflect.Uint8 {
			return true
		}
		for i := range rv.Len() {
			if !measure(rv.Index(i).Interface(), left, depth+1) {
				return false
			}
		}
	}
	return true
}

// Bounds on printf: fmt takes no width beyond fmtWidth, and all of them together
// may not exceed maxWidth.
const (
	fmtWidth = 1_000_000
	maxWidth = 64 * fmtWidth
)

// sprintf is fmt.Sprintf within bounds.
func (s *State) sprintf(format string, args []any) (string, error) {
	if err := s.checkPrintable(args); err != nil {
		return "", err
	}
	if width := totalWidth(format, args); width > maxWidth {
		return "", fmt.Errorf("%w: %d characters asked of printf", ErrTooLarge, width)
	}
	return fmt.Sprintf(format, args...), nil
}

// totalWidth is the sum of the numbers in a format, which may be widths and
// precisions, and of the arguments that asterisks may take for one.
func totalWidth(format string, args []any) int {
	total, n := 0, 0
	for _, c := range []byte(format + " ") {
		if c >= '0' && c <= '9' {
			n = min(n*10+int(c-'0'), fmtWidth+1)
			continue
		}
		if n <= fmtWidth {
			total += n
		}
		n = 0
	}
	stars := strings.Count(format, "*")
	for _, arg := range args {
		if width, ok := arg.(int); ok && stars > 0 && width > 0 && width <= fmtWidth {
			total += width * stars
		}
	}
	return total
}
