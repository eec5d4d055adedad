package jsonschema

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

func checkRegexp(s string) error {
	if len(s) > MaxPatterns {
		return fmt.Errorf("longer than %d bytes", MaxPatterns)
	}
	_, err := regexp.Compile(s)
	return err
}

// checkTime: RFC 3339, with leap seconds, which package time does not read.
func checkTime(s string) error {
	if len(s) < len("hh:mm:ssZ") {
		return errors.New("less than 9 characters long")
	}
	if s[2] != ':' || s[5] != ':' {
		return errors.New("missing colon in correct place")
	}
	clock, err := numbers(s[:8], 3, "hour/min/sec")
	if err != nil {
		return err
	}
	hour, minute, second := clock[0], clock[1], clock[2]
	if hour > 23 || minute > 59 || second > 60 {
		return errors.New("hour/min/sec out of range")
	}
	zone := s[8:]
	if fraction, ok := strings.CutPrefix(zone, "."); ok {
		n := digits(fraction)
		if n == 0 {
			return errors.New("no digits in second fraction")
		}
		zone = fraction[n:]
	}
	ahead, err := offset(zone)
	if err != nil {
		return err
	}
	utc := hour*60 + minute - ahead
	if utc < 0 {
		utc += 24 * 60
	}
	if second >= 60 && utc != 23*60+59 {
		return errors.New("invalid leap second")
	}
	return nil
}

// offset is how many minutes a time zone is ahead of UTC.
func offset(s string) (int, error) {
	if s == "z" || s == "Z" {
		return 0, nil
	}
	if len(s) != len("+hh:mm") {
		return 0, errors.New("offset must be 6 characters long")
	}
	if s[0] != '+' && s[0] != '-' {
		return 0, errors.New("offset must begin with plus/minus")
	}
	if s[3] != ':' {
		return 0, errors.New("missing colon in offset in correct place")
	}
	clock, err := numbers(s[1:], 2, "hour/min in offset")
	if err != nil {
		return 0, err
	}
	if clock[0] > 23 || clock[1] > 59 {
		return 0, errors.New("hour/min in offset out of range")
	}
	minutes := clock[0]*60 + clock[1]
	if s[0] == '-' {
		minutes = -minutes
	}
	return minutes, nil
}

// numbers reads n numbers with colons between them.
func numbers(s string, n int, what string) ([]int, error) {
	var out []int
	for _, part := range strings.SplitN(s, ":", n) {
		i, err := strconv.Atoi(part)
		if err != nil {
			return nil, errors.New("invalid " + what)
		}
		if i < 0 {
			return nil, errors.New("non-positive " + what)
		}
		out = append(out, i)
	}
	return out, nil
}

// checkDateTime: RFC 3339.
func checkDateTime(s string) error {
	if len(s) < len("yyyy-mm-ddThh:mm:ssZ") {
		return errors.New("less than 20 characters long")
	}
	if s[10] != 't' && s[10] != 'T' {
		return errors.New("11th character must be t or T")
	}
	if err := checkDate(s[:10]); err != nil {
		return within("invalid date element", err)
	}
	return within("invalid time element", checkTime(s[11:]))
}

// checkDuration: RFC 3339, appendix A.
func checkDuration(s string) error {
	s, ok := strings.CutPrefix(s, "P")
	if !ok {
		return errors.New("must start with P")
	}
	if s == "" {
		return errors.New("nothing after P")
	}
	if weeks, ok := strings.CutSuffix(s, "W"); ok {
		if weeks == "" {
			return errors.New("no number in week")
		}
		if !allDigits(weeks) {
			return errors.New("invalid week")
		}
		return nil
	}
	units := []string{"YMD", "HMS"}
	for i, part := range strings.Split(s, "T") {
		if i > 0 && part == "" {
			return errors.New("no time elements")
		}
		if i >= len(units) {
			return errors.New("more than one T")
		}
		if err := checkAmounts(part, units[i]); err != nil {
			return err
		}
	}
	return nil
}

// checkAmounts checks numbers with units, which have an order.
func checkAmounts(s, units string) error {
	for left := units; s != ""; {
		n := digits(s)
		if n == 0 {
			return errors.New("missing number")
		}
		if n == len(s) {
			return errors.New("missing unit")
		}
		unit := s[n]
		at := strings.IndexByte(left, unit)
		if at < 0 {
			if strings.IndexByte(units, unit) >= 0 {
				return fmt.Errorf("unit %q out of order", unit)
			}
			return fmt.Errorf("invalid unit %q", unit)
		}
		left, s = left[at+1:], s[n+1:]
	}
	return nil
}

// checkPeriod checks a start and an end, one of which may be a duration.
func checkPeriod(s string) error {
	start, end, ok := strings.Cut(s, "/")
	if !ok {
		return errors.New("missing slash")
	}
	if strings.HasPrefix(start, "P") {
		if err := checkDuration(start); err != nil {
			return within("invalid start duration", err)
		}
		return within("invalid end date-time", checkDateTime(end))
	}
	if err := checkDateTime(start); err != nil {
		return within("invalid start date-time", err)
	}
	if strings.HasPrefix(end, "P") {
		return within("invalid end duration", checkDuration(end))
	}
	return within("invalid end date-time", checkDateTime(end))
}

// checkSemver: Semantic Versioning 2.0.0.
func checkSemver(s string) error {
	s, build, hasBuild := strings.Cut(s, "+")
	if hasBuild {
		if err := checkBuild(build); err != nil {
			return err
		}
	}
	core, pre, hasPre := strings.Cut(s, "-")
	if hasPre {
		if err := checkPreRelease(pre); err != nil {
			return err
		}
	}
	parts := strings.Split(core, ".")
	names := []string{"major", "minor", "patch"}
	if len(parts) != len(names) {
		return errors.New("versionCore must have 3 numbers separated by dot")
	}
	for i, part := range parts {
		switch {
		case part == "":
			return fmt.Errorf("%s is empty", names[i])
		case leadingZero(part):
			return fmt.Errorf("%s starts with zero", names[i])
		case !allDigits(part):
			return fmt.Errorf("%s contains non-digit", names[i])
		}
	}
	return nil
}

func checkBuild(s string) error {
	if s == "" {
		return errors.New("build is empty")
	}
	for _, id := range strings.Split(s, ".") {
		if id == "" {
			return errors.New("build identifier is empty")
		}
		if bad, found := except(id, isIdentifier); found {
			return fmt.Errorf("invalid character %q in build identifier", bad)
		}
	}
	return nil
}

func checkPreRelease(s string) error {
	for _, id := range strings.Split(s, ".") {
		if id == "" {
			return errors.New("pre-release identifier is empty")
		}
		if bad, found := except(id, isIdentifier); found {
			return fmt.Errorf("invalid character %q in pre-release identifier", bad)
		}
		if allDigits(id) && leadingZero(id) {
			return errors.New("pre-release numeric identifier starts with zero")
		}
	}
	return nil
}

func isIdentifier(r rune) bool { return isAlnum(r) || r == '-' }
