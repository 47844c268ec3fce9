#include "exposition.hpp"

#include <cctype>
#include <charconv>
#include <limits>
#include <set>
#include <stdexcept>

namespace kusto::test
{

namespace
{

[[noreturn]] void refuse(std::string_view what, std::string_view where)
{
    throw std::runtime_error(std::string(what) + ": " + std::string(where));
}

double read_number(std::string_view text, std::string_view line)
{
    if (text == "+Inf")
        return std::numeric_limits<double>::infinity();
    double value = 0;
    auto const [stop, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || ec != std::errc() || stop != text.data() + text.size())
        refuse("no number", line);
    return value;
}

std::string read_name(std::string_view& rest, std::string_view line)
{
    std::size_t length = 0;
    while (length < rest.size() &&
           (std::isalnum(static_cast<unsigned char>(rest[length])) != 0 || rest[length] == '_'))
        ++length;
    if (length == 0 || std::isdigit(static_cast<unsigned char>(rest[0])) != 0)
        refuse("no name", line);
    std::string name(rest.substr(0, length));
    rest.remove_prefix(length);
    return name;
}

void expect(std::string_view& rest, char c, std::string_view line)
{
    if (rest.empty() || rest.front() != c)
        refuse(std::string("expected ") + c, line);
    rest.remove_prefix(1);
}

std::string read_label_value(std::string_view& rest, std::string_view line)
{
    std::string value;
    expect(rest, '"', line);
    while (!rest.empty() && rest.front() != '"')
    {
        char c = rest.front();
        rest.remove_prefix(1);
        if (c == '\\')
        {
            if (rest.empty() || std::string_view("\\\"n").find(rest.front()) == rest.npos)
                refuse("bad escape", line);
            c = rest.front() == 'n' ? '\n' : rest.front();
            rest.remove_prefix(1);
        }
        value += c;
    }
    expect(rest, '"', line);
    return value;
}

metric_sample read_sample(std::string_view line)
{
    metric_sample out;
    auto rest = line;
    out.name = read_name(rest, line);
    expect(rest, '{', line);
    while (true)
    {
        auto const name = read_name(rest, line);
        expect(rest, '=', line);
        if (!out.labels.emplace(name, read_label_value(rest, line)).second)
            refuse("label twice", line);
        if (rest.starts_with('}'))
            break;
        expect(rest, ',', line);
    }
    expect(rest, '}', line);
    expect(rest, ' ', line);
    out.value = read_number(rest, line);
    return out;
}

bool belongs(std::string_view sample, metric_family const& family)
{
    if (family.type != "histogram")
        return sample == family.name;
    return sample == family.name + "_bucket" || sample == family.name + "_sum" ||
           sample == family.name + "_count";
}

/// What follows `# HELP name ` or `# TYPE name `.
std::string read_comment(std::string_view line, std::string_view kind, std::string& name)
{
    if (!line.starts_with(kind))
        refuse("expected " + std::string(kind), line);
    auto rest = line.substr(kind.size());
    name = read_name(rest, line);
    expect(rest, ' ', line);
    if (rest.empty())
        refuse("empty", line);
    return std::string(rest);
}

class reader
{
public:
    std::vector<metric_family> read(std::string_view text)
    {
        while (!text.empty())
        {
            auto const end = text.find('\n');
            if (end == text.npos)
                refuse("no line break at the end", text);
            take(text.substr(0, end));
            text.remove_prefix(end + 1);
        }
        finish_family();
        return std::move(families_);
    }

private:
    void take(std::string_view line)
    {
        if (line.starts_with("# HELP "))
            begin(line);
        else if (line.starts_with('#'))
            set_type(line);
        else
            add(line);
    }

    void begin(std::string_view line)
    {
        finish_family();
        metric_family family;
        family.help = read_comment(line, "# HELP ", family.name);
        if (!names_.insert(family.name).second)
            refuse("family twice", line);
        families_.push_back(std::move(family));
    }

    void set_type(std::string_view line)
    {
        std::string name;
        auto const type = read_comment(line, "# TYPE ", name);
        if (families_.empty() || families_.back().name != name || !families_.back().type.empty())
            refuse("TYPE without its HELP before it", line);
        if (type != "counter" && type != "gauge" && type != "histogram")
            refuse("unknown type", line);
        families_.back().type = type;
    }

    void add(std::string_view line)
    {
        auto sample = read_sample(line);
        if (families_.empty() || families_.back().type.empty() ||
            !belongs(sample.name, families_.back()))
            refuse("sample outside of its family", line);
        if (!series_.insert({sample.name, sample.labels}).second)
            refuse("series twice", line);
        families_.back().samples.push_back(std::move(sample));
    }

    void finish_family() const
    {
        if (!families_.empty() && families_.back().samples.empty())
            refuse("family without samples", families_.back().name);
    }

    std::vector<metric_family> families_;
    std::set<std::string> names_;
    std::set<std::pair<std::string, label_set>> series_;
};

/// One series of a histogram.
struct histogram_series
{
    std::vector<double> bounds;
    std::vector<double> counts;
    std::vector<double> sums;
    std::vector<double> totals;
};

void check_series(histogram_series const& one, std::string const& name)
{
    if (one.bounds.empty() || one.bounds.back() != std::numeric_limits<double>::infinity())
        refuse("does not end with +Inf", name);
    for (std::size_t i = 1; i < one.bounds.size(); ++i)
    {
        if (one.bounds[i] <= one.bounds[i - 1])
            refuse("bounds do not ascend", name);
        if (one.counts[i] < one.counts[i - 1])
            refuse("counts descend", name);
    }
    if (one.totals.size() != 1 || one.totals[0] != one.counts.back())
        refuse("count is not that of +Inf", name);
    if (one.sums.size() != 1)
        refuse("no sum", name);
}

} // namespace

std::vector<metric_family> read_exposition(std::string_view text)
{
    return reader().read(text);
}

void check_histogram(metric_family const& family)
{
    std::map<label_set, histogram_series> all;
    for (auto const& sample : family.samples)
    {
        auto labels = sample.labels;
        auto const bound = labels.extract("le");
        auto& one = all[labels];
        if (sample.name == family.name + "_sum")
            one.sums.push_back(sample.value);
        else if (sample.name == family.name + "_count")
            one.totals.push_back(sample.value);
        else if (bound.empty())
            refuse("bucket without bound", family.name);
        else
        {
            one.bounds.push_back(read_number(bound.mapped(), family.name));
            one.counts.push_back(sample.value);
        }
    }
    for (auto const& [labels, one] : all)
    {
        check_series(one, family.name);
        if (one.bounds != all.begin()->second.bounds)
            refuse("series with different bounds", family.name);
    }
}

} // namespace kusto::test
