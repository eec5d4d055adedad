package yamlio_test

import (
	"errors"
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

func TestTypesFrom(t *testing.T) {
	t.Parallel()
	if err := yamlio.TypesFrom(nil, "here", "there"); err != nil {
		t.Error(err)
	}
	other := errors.New("no type of here")
	if err := yamlio.TypesFrom(other, "here", "there"); err != other {
		t.Errorf("another error became %v", err)
	}
	for text, want := range map[string]string{
		"field A.b of type here.B":     "field A.b of type there.B",
		"field A.b of type []*here.B":  "field A.b of type []*there.B",
		"field A.b of type elsehere.B": "field A.b of type elsehere.B",
	} {
		if err := yamlio.TypesFrom(errors.New(text), "here", "there"); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
