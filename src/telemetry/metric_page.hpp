#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <kusto/error.hpp>
#include <kusto/statistics.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kusto::telemetry
{

/// A value with the labels that all of its series have.
template <class Values>
struct labelled
{
    std::string labels;
    Values const* values;
};

template <class Values>
using labelled_list = std::vector<labelled<Values>>;

/// The same labels with a part of each value.
template <class Part, class Values>
[[nodiscard]] labelled_list<Part> parts_of(labelled_list<Values> const& all, Part Values::*part)
{
    labelled_list<Part> out;
    for (auto const& one : all)
        out.push_back({one.labels, &(one.values->*part)});
    return out;
}

inline constexpr std::string_view counter = "counter";
inline constexpr std::string_view gauge = "gauge";

/// A number of the whole sink.
template <class Values>
struct number_family
{
    std::string_view name;
    std::string_view type;
    std::string_view help;
    std::uint64_t Values::*value;
};

/// One number of a group of counts.
template <class Values>
struct count_family
{
    std::string_view name;
    std::string_view type;
    std::string_view help;
    delivery_counts Values::*group;
    std::uint64_t delivery_counts::*value;
};

/// A histogram shows the buckets that can matter; what is below is in the first of them, what is
/// above in `+Inf`. The range must not depend on the values: every series has the same bounds,
/// always.
template <class Values>
struct histogram_family
{
    std::string_view name;
    std::string_view help;
    latency_histogram Values::*values;
    std::size_t first;
    std::size_t last;
};

inline constexpr std::size_t microsecond = 0;  // 2^0 us
inline constexpr std::size_t tens_of_us = 6;   // 2^6 us: 64 us
inline constexpr std::size_t millisecond = 10; // 2^10 us: 1.02 ms
inline constexpr std::size_t tens_of_ms = 16;  // 2^16 us: 66 ms
inline constexpr std::size_t minute = 26;      // 2^26 us: 67 s
inline constexpr std::size_t hour = 32;        // 2^32 us: 72 min

[[nodiscard]] std::string number_text(std::uint64_t number);
[[nodiscard]] std::string label(std::string_view name, std::string_view value);
/// `labels` and one more.
[[nodiscard]] std::string with_label(std::string const& labels, std::string_view name,
                                     std::string_view value);

/// Prometheus text format under construction: families one after the other, each with its heading.
class metric_page
{
public:
    [[nodiscard]] std::string take() { return std::move(text_); }

    /// What follows are samples of this family.
    void begin(std::string_view name, std::string_view type, std::string_view help);
    void sample(std::string_view name, std::string_view labels, std::string_view value);

    template <class Values>
    void add(number_family<Values> const& family, labelled_list<Values> const& sinks)
    {
        begin(family.name, family.type, family.help);
        for (auto const& one : sinks)
            sample(family.name, one.labels, number_text(one.values->*family.value));
    }

    template <class Values>
    void add(count_family<Values> const& family, labelled_list<Values> const& sinks)
    {
        begin(family.name, family.type, family.help);
        for (auto const& one : sinks)
            sample(family.name, one.labels, number_text(one.values->*family.group.*family.value));
    }

    template <class Values>
    void add(histogram_family<Values> const& family, labelled_list<Values> const& sinks)
    {
        begin(family.name, "histogram", family.help);
        for (auto const& one : sinks)
            add_series(family.name, one.labels, one.values->*family.values, family.first,
                       family.last);
    }

    /// The age of something.
    template <class Values>
    void add_age(std::string_view name, std::string_view help,
                 std::chrono::milliseconds Values::*age, labelled_list<Values> const& sinks)
    {
        begin(name, gauge, help);
        for (auto const& one : sinks)
            sample(name, one.labels, seconds_text(one.values->*age));
    }

    /// 1 for each sink that has trouble, with its code and stage; nothing at all without any.
    template <class Values>
    void add_trouble(std::string_view name, std::string_view help,
                     labelled_list<Values> const& sinks)
    {
        bool begun = false;
        for (auto const& one : sinks)
        {
            auto const& trouble = one.values->trouble;
            if (!trouble)
                continue;
            if (!begun)
                begin(name, gauge, help);
            begun = true;
            auto const labels = with_label(one.labels, "code", to_string(trouble->code()));
            sample(name, with_label(labels, "stage", to_string(trouble->where())), "1");
        }
    }

private:
    [[nodiscard]] static std::string seconds_text(std::chrono::microseconds duration);
    void add_series(std::string_view name, std::string const& labels,
                    latency_histogram const& values, std::size_t first, std::size_t last);

    std::string text_;
};

} // namespace kusto::telemetry
