package httpwait_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/seed-0d4f92cc/pack/internal/httpwait"
)

// TestAfterAnswer holds that nobody is waited for who says to come back much later.
func TestAfterAnswer(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		status int
		value  string
		want   time.Duration
	}{
		{http.StatusNotFound, "5", -1},
		{http.StatusTooManyRequests, "", 0},
		{http.StatusTooManyRequests, "5", 5 * time.Second},
		{http.StatusTooManyRequests, "-5", 0},
		{http.StatusTooManyRequests, "99999999", -1},
		{http.StatusServiceUnavailable, "no time", 0},
		{http.StatusServiceUnavailable, "Fri, 31 Dec 1999 23:59:59 GMT", 0},
		{http.StatusServiceUnavailable, "Fri, 31 Dec 9999 23:59:59 GMT", -1},
	} {
		res := &http.Response{StatusCode: tt.status, Header: http.Header{"Retry-After": {tt.value}}}
		if got := httpwait.AfterAnswer(res); got != tt.want {
			t.Errorf("%d, Retry-After %q: %s, want %s", tt.status, tt.value, got, tt.want)
		}
	}
}
