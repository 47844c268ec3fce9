#include <telemetry/metric_page.hpp>

#include <array>
#include <charconv>
#include <telemetry/valid_text.hpp>

namespace kusto::telemetry
{

namespace
{

template <class Number>
std::string text_of(Number number)
{
    std::array<char, 32> buffer;
    auto const done = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
    return {buffer.data(), done.ptr};
}

} // namespace

std::string number_text(std::uint64_t number)
{
    return text_of(number);
}

std::string label(std::string_view name, std::string_view value)
{
    std::string out(name);
    out += "=\"";
    for (char const c : valid_text(value))
    {
        if (c == '\\' || c == '"')
            out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out += '"';
}

std::string with_label(std::string const& labels, std::string_view name, std::string_view value)
{
    return labels + ',' + label(name, value);
}

void metric_page::begin(std::string_view name, std::string_view type, std::string_view help)
{
    text_.append("# HELP ").append(name).append(" ").append(help).append("\n");
    text_.append("# TYPE ").append(name).append(" ").append(type).append("\n");
}

void metric_page::sample(std::string_view name, std::string_view labels, std::string_view value)
{
    text_.append(name).append("{").append(labels).append("} ").append(value).append("\n");
}

std::string metric_page::seconds_text(std::chrono::microseconds duration)
{
    return text_of(std::chrono::duration<double>(duration).count());
}

void metric_page::add_series(std::string_view family, std::string const& labels,
                             latency_histogram const& values, std::size_t first, std::size_t last)
{
    std::string const name(family);
    std::uint64_t seen = 0;
    for (std::size_t i = 0; i <= last; ++i)
    {
        seen += values.buckets[i];
        if (i >= first)
            sample(name + "_bucket",
                   with_label(labels, "le", seconds_text(latency_histogram::bound(i))),
                   number_text(seen));
    }
    auto const all = number_text(values.count());
    sample(name + "_bucket", with_label(labels, "le", "+Inf"), all);
    sample(name + "_sum", labels, seconds_text(values.sum));
    sample(name + "_count", labels, all);
}

} // namespace kusto::telemetry
