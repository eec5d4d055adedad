package gotmpl

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/internal/tmpltree"
)

// print writes the value of an action.
func (s *State) print(node tmpltree.Node, v value) {
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

func (s *State) printAny(node tmpltree.Node, v value) {
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

// checkPrintable refuses what makes a text that would not end, or would be too
// long.
func (s *State) checkPrintable(args []any) error { return CheckAll(args, s.limits.MaxBytes) }

// Bounds on printf: fmt takes no width beyond fmtWidth, and all of them together
// may not exceed maxWidth.
const (
	fmtWidth = 1_000_000
	maxWidth = 64 * fmtWidth
)

// sprintf is fmt.Sprintf within bounds.
func (s *State) sprintf(format string, args []any) (string, error) {
	if err := CheckAll(args, s.limits.MaxBytes/repeats(format)); err != nil {
		return "", err
	}
	if width := totalWidth(format, args); width > maxWidth {
		return "", fmt.Errorf("%w: %d characters asked of printf", ErrTooLarge, width)
	}
	return fmt.Sprintf(format, args...), nil
}

// repeats is how often a format may print an argument: explicit indexes
// ("%[1]s") can do so at will.
func repeats(format string) int {
	if !strings.Contains(format, "[") {
		return 1
	}
	return max(1, strings.Count(format, "%"))
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
