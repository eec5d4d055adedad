package release

import (
	"bytes"
	"fmt"
	"time"
)

// Time is a time in a record. Reading accepts what Helm 3 and Helm 4 write for
// "never": an empty string, null or nothing at all.
type Time struct{ time.Time }

// UnmarshalJSON reads RFC 3339 with or without fractions, "" and null.
func (t *Time) UnmarshalJSON(b []byte) error {
	if bytes.Equal(b, []byte("null")) || bytes.Equal(b, []byte(`""`)) {
		t.Time = time.Time{}
		return nil
	}
	if err := t.Time.UnmarshalJSON(b); err != nil {
		return fmt.Errorf("time %s: %w", b, err)
	}
	return nil
}
