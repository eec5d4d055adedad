package gotmpl

// direct makes a caller for a function of one of the types that most functions
// of templates have. It is nil for others, which are called by reflection.
func direct(fn any) func(*State, []value) (value, error) {
	for _, try := range []func(any) func(*State, []value) (value, error){
		directStrings, directAny, directMaps, directState, directMixed,
	} {
		if call := try(fn); call != nil {
			return call
		}
	}
	return nil
}

func (v value) str() string { return v.x.(string) }

func (v value) tree() map[string]any { return v.x.(map[string]any) }

// anys are the arguments of a variadic function, in a slice of their own.
func anys(args []value) []any {
	list := make([]any, len(args))
	for i, a := range args {
		list[i] = a.any()
	}
	return list
}

func result[T any](x T, err error) (value, error) {
	if err != nil {
		return value{}, err
	}
	return of(x), nil
}

func directStrings(fn any) func(*State, []value) (value, error) {
	switch f := fn.(type) {
	case func(string) string:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].str())), nil }
	case func(string, string) string:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].str(), a[1].str())), nil }
	case func(string, string, string) string:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].str(), a[1].str(), a[2].str())), nil }
	case func(string, string) bool:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].str(), a[1].str())), nil }
	case func(string, string) (bool, error):
		return func(_ *State, a []value) (value, error) { return result(f(a[0].str(), a[1].str())) }
	case func(int, string) string:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].x.(int), a[1].str())), nil }
	case func(int, string) (string, error):
		return func(_ *State, a []value) (value, error) { return result(f(a[0].x.(int), a[1].str())) }
	case func(string, string, string) (string, error):
		return func(_ *State, a []value) (value, error) { return result(f(a[0].str(), a[1].str(), a[2].str())) }
	case func(string, string) (string, error):
		return func(_ *State, a []value) (value, error) { return result(f(a[0].str(), a[1].str())) }
	case func(string) (string, error):
		return func(_ *State, a []value) (value, error) { return result(f(a[0].str())) }
	}
	return nil
}

func directAny(fn any) func(*State, []value) (value, error) {
	switch f := fn.(type) {
	case func(any) string:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].any())), nil }
	case func(any) bool:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].any())), nil }
	case func(any) int:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].any())), nil }
	case func(any) int64:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].any())), nil }
	case func(...any) string:
		return func(_ *State, a []value) (value, error) { return of(f(anys(a)...)), nil }
	case func(...any) []any:
		return func(_ *State, a []value) (value, error) { return of(f(anys(a)...)), nil }
	case func(...any) map[string]any:
		return func(_ *State, a []value) (value, error) { return of(f(anys(a)...)), nil }
	case func(...any) any:
		return func(_ *State, a []value) (value, error) { return box(f(anys(a)...)), nil }
	case func(any, ...any) any:
		return func(_ *State, a []value) (value, error) { return box(f(a[0].any(), anys(a[1:])...)), nil }
	case func(any, any) int64:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].any(), a[1].any())), nil }
	case func(...any) (string, error):
		return func(_ *State, a []value) (value, error) { return result(f(anys(a)...)) }
	case func(any) (string, error):
		return func(_ *State, a []value) (value, error) { return result(f(a[0].any())) }
	}
	return nil
}

func directMaps(fn any) func(*State, []value) (value, error) {
	switch f := fn.(type) {
	case func(map[string]any, string) bool:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].tree(), a[1].str())), nil }
	case func(map[string]any, string) any:
		return func(_ *State, a []value) (value, error) { return box(f(a[0].tree(), a[1].str())), nil }
	case func(map[string]any, string, any) map[string]any:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].tree(), a[1].str(), a[2].any())), nil }
	case func(string) map[string]any:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].str())), nil }
	}
	return nil
}

func directState(fn any) func(*State, []value) (value, error) {
	switch f := fn.(type) {
	case func(*State, string, any) (string, error):
		return func(s *State, a []value) (value, error) { return result(f(s, a[0].str(), a[1].any())) }
	case func(*State, map[string]any, string, any) (map[string]any, error):
		return func(s *State, a []value) (value, error) {
			return result(f(s, a[0].tree(), a[1].str(), a[2].any()))
		}
	case func(*State, string, string) (bool, error):
		return func(s *State, a []value) (value, error) { return result(f(s, a[0].str(), a[1].str())) }
	case func(*State, string, string) (string, error):
		return func(s *State, a []value) (value, error) { return result(f(s, a[0].str(), a[1].str())) }
	case func(*State, string, string, string) (string, error):
		return func(s *State, a []value) (value, error) {
			return result(f(s, a[0].str(), a[1].str(), a[2].str()))
		}
	case func(*State, string) (map[string]any, error):
		return func(s *State, a []value) (value, error) { return result(f(s, a[0].str())) }
	case func(*State, string) ([]any, error):
		return func(s *State, a []value) (value, error) { return result(f(s, a[0].str())) }
	case func(*State, string, any) (any, error):
		return func(s *State, a []value) (value, error) {
			x, err := f(s, a[0].str(), a[1].any())
			return box(x), err
		}
	}
	return nil
}

func directMixed(fn any) func(*State, []value) (value, error) {
	switch f := fn.(type) {
	case func(string, any) string:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].str(), a[1].any())), nil }
	case func(string, any) (string, error):
		return func(_ *State, a []value) (value, error) { return result(f(a[0].str(), a[1].any())) }
	case func(string, any) bool:
		return func(_ *State, a []value) (value, error) { return of(f(a[0].str(), a[1].any())), nil }
	case func(any, any, bool) any:
		return func(_ *State, a []value) (value, error) {
			return box(f(a[0].any(), a[1].any(), a[2].x.(bool))), nil
		}
	}
	return nil
}
