package tmplfuncs

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// durations are the functions on durations that Helm 4 has. All but
// mustToDuration take what they cannot read as no time at all.
func durations() map[string]any {
	return map[string]any{
		"mustToDuration":       toDuration,
		"durationNanoseconds":  func(v any) int64 { return orZero(v).Nanoseconds() },
		"durationMicroseconds": func(v any) int64 { return orZero(v).Microseconds() },
		"durationMilliseconds": func(v any) int64 { return orZero(v).Milliseconds() },
		"durationSeconds":      func(v any) float64 { return orZero(v).Seconds() },
		"durationMinutes":      func(v any) float64 { return orZero(v).Minutes() },
		"durationHours":        func(v any) float64 { return orZero(v).Hours() },
		"durationDays":         func(v any) float64 { return orZero(v).Hours() / 24 },
		"durationWeeks":        func(v any) float64 { return orZero(v).Hours() / 24 / 7 },
		"durationRoundTo":      func(v, to any) time.Duration { return orZero(v).Round(orZero(to)) },
		"durationTruncateTo":   func(v, to any) time.Duration { return orZero(v).Truncate(orZero(to)) },
	}
}

func orZero(v any) time.Duration {
	d, err := toDuration(v)
	if err != nil {
		return 0
	}
	return d
}

// toDuration reads a duration: Go's notation, or a number of seconds.
func toDuration(v any) (time.Duration, error) {
	switch x := v.(type) {
	case nil:
		return 0, errors.New("invalid duration")
	case time.Duration:
		return x, nil
	case string:
		return parseDuration(x)
	}
	rv := reflect.ValueOf(v)
	switch {
	case rv.CanInt():
		n := rv.Int()
		if n > math.MaxInt64/int64(time.Second) || n < math.MinInt64/int64(time.Second) {
			return 0, fmt.Errorf("duration seconds overflow: %d", n)
		}
		return time.Duration(n) * time.Second, nil
	case rv.CanUint():
		n := rv.Uint()
		if n > math.MaxInt64/uint64(time.Second) {
			return 0, fmt.Errorf("duration seconds overflow: %d", n)
		}
		return time.Duration(n) * time.Second, nil
	case rv.CanFloat():
		return seconds(rv.Float())
	}
	return 0, fmt.Errorf("unsupported duration type %T", v)
}

func parseDuration(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return 0, errors.New("empty duration")
	}
	if d, err := time.ParseDuration(text); err == nil {
		return d, nil
	}
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0, fmt.Errorf("could not parse duration %q", text)
	}
	return seconds(n)
}

func seconds(n float64) (time.Duration, error) {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, fmt.Errorf("invalid duration seconds: %v", n)
	}
	d := n * float64(time.Second)
	if d >= math.MaxInt64 || d <= math.MinInt64 {
		return 0, fmt.Errorf("duration seconds overflow: %v", n)
	}
	return time.Duration(d), nil
}
