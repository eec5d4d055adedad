package tmplfuncs

import (
	"reflect"

	"github.com/seed-0d4f92cc/pack/internal/common"
)

// copier makes deep copies, as sprig does. What values and the objects beside them are
// made of it copies itself: sprig goes by reflection through every byte, and there are
// charts that copy all they have once per include. The rest is left to sprig.
type copier func(any) (any, error)

func (c copier) tree(v any) (any, error) {
	switch v := v.(type) {
	case string, bool, float64, int, int64:
		return v, nil
	case map[string]any:
		if v != nil {
			return c.table(v)
		}
	case common.Values:
		if v != nil {
			table, err := c.table(v)
			return common.Values(table), err
		}
	case []any:
		if v != nil {
			return c.list(v)
		}
	case *common.Capabilities:
		if v != nil {
			return c.capabilities(v)
		}
	}
	return c.other(v)
}

// other copies lists of texts or of bytes, and maps of such, whatever their types.
func (c copier) other(v any) (any, error) {
	rv := reflect.ValueOf(v)
	switch {
	case isFlat(rv):
		return flat(rv).Interface(), nil
	case rv.Kind() == reflect.Map && !rv.IsNil() && rv.Type().Key().Kind() == reflect.String:
		out := reflect.MakeMapWithSize(rv.Type(), rv.Len())
		for it := rv.MapRange(); it.Next(); {
			if !isFlat(it.Value()) {
				return c(v)
			}
			out.SetMapIndex(it.Key(), flat(it.Value()))
		}
		return out.Interface(), nil
	}
	return c(v)
}

func isFlat(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return true
	case reflect.Slice:
		kind := v.Type().Elem().Kind()
		return !v.IsNil() && (kind == reflect.String || kind == reflect.Uint8)
	}
	return false
}

func flat(v reflect.Value) reflect.Value {
	if v.Kind() == reflect.String {
		return v
	}
	out := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
	reflect.Copy(out, v)
	return out
}

// capabilities copies the object .Capabilities. What is not exported stays behind.
func (c copier) capabilities(v *common.Capabilities) (any, error) {
	out := *v
	kube := v.KubeVersion
	out.KubeVersion = common.NewKubeVersion(kube.Version, "", kube.Major, kube.Minor)
	if len(v.APIVersions) > 0 {
		out.APIVersions = append(common.VersionSet(nil), v.APIVersions...)
	}
	return &out, nil
}

func (c copier) table(m map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(m))
	for key, v := range m {
		if v == nil {
			out[key] = nil
			continue
		}
		var err error
		if out[key], err = c.tree(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c copier) list(list []any) ([]any, error) {
	out := make([]any, len(list))
	for i, v := range list {
		if v == nil {
			continue
		}
		var err error
		if out[i], err = c.tree(v); err != nil {
			return nil, err
		}
	}
	return out, nil
}
