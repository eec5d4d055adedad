package render

import (
	"errors"
	"reflect"
	"sync"

	"github.com/seed-0d4f92cc/pack/internal/common"
	"github.com/seed-0d4f92cc/pack/internal/gotmpl"
)

// errChanges stops a file that is about to change what other files see.
var errChanges = errors.New("the template changes objects that are shared")

// sharedMaps knows the maps that several files see. Most renderings never ask.
type sharedMaps struct {
	dots []common.Values
	once sync.Once
	set  map[uintptr]struct{}
}

// has says whether a map is reachable from the objects of any chart.
func (s *sharedMaps) has(m uintptr) bool {
	s.once.Do(func() {
		s.set = map[uintptr]struct{}{}
		for _, dot := range s.dots {
			s.add(reflect.ValueOf(dot))
		}
	})
	_, ok := s.set[m]
	return ok
}

// address tells maps apart.
func address(m map[string]any) uintptr { return reflect.ValueOf(m).Pointer() }

func (s *sharedMaps) add(v reflect.Value) {
	switch v.Kind() {
	case reflect.Interface:
		s.addAny(v.Interface())
	case reflect.Map:
		if _, known := s.set[v.Pointer()]; known || v.IsNil() {
			return
		}
		s.set[v.Pointer()] = struct{}{}
		for it := v.MapRange(); it.Next(); {
			s.add(it.Value())
		}
	case reflect.Slice:
		if k := v.Type().Elem().Kind(); k == reflect.Uint8 || k == reflect.String {
			return
		}
		for i := range v.Len() {
			s.add(v.Index(i))
		}
	}
}

// addAny keeps the values of YAML out of reflect.
func (s *sharedMaps) addAny(v any) {
	switch v := v.(type) {
	case nil, string, bool, float64, int64, int:
	case map[string]any:
		if _, known := s.set[address(v)]; known || v == nil {
			return
		}
		s.set[address(v)] = struct{}{}
		for _, elem := range v {
			s.addAny(elem)
		}
	case []any:
		for _, elem := range v {
			s.addAny(elem)
		}
	default:
		s.add(reflect.ValueOf(v))
	}
}

// beforeChange is asked before a function changes a map.
func beforeChange(s *gotmpl.State, m map[string]any) error {
	f := s.Data.(*fileRun)
	if f.shared == nil || m == nil {
		return nil
	}
	at := address(m)
	if at == f.own[0] || at == f.own[1] || f.shared.has(at) {
		return errChanges
	}
	return nil
}
