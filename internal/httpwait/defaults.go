package httpwait

import (
	"context"
	"time"
)

// What holds for requests where nothing else is asked for.
const (
	// DefaultTimeout is how long a server may say nothing.
	DefaultTimeout = 120 * time.Second
	// DefaultRetries is how often a request is sent again.
	DefaultRetries = 3
	// MaxRedirects is how many redirects of a request are followed.
	MaxRedirects = 10
)

// Settle puts the defaults in the place of what is not set: of no timeout, of 0
// retries (fewer than 0 are none), and of no function that waits.
func Settle(timeout *time.Duration, retries *int, wait *func(context.Context, time.Duration) error) {
	if *timeout <= 0 {
		*timeout = DefaultTimeout
	}
	switch {
	case *retries == 0:
		*retries = DefaultRetries
	case *retries < 0:
		*retries = 0
	}
	if *wait == nil {
		*wait = Sleep
	}
}
