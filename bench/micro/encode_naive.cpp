// The yardstick for encoding structs, and the data that is encoded.
#include "encode_samples.hpp"

#include <charconv>
#include <cstdio>
#include <cstring>
#include <random>

namespace kusto::micro
{

namespace
{

char* put(char* out, std::string_view text) noexcept
{
    std::memcpy(out, text.data(), text.size());
    return out + text.size();
}

char* put_padded(char* out, unsigned v, int width) noexcept
{
    char digits[12];
    auto const end = std::to_chars(digits, digits + sizeof(digits), v).ptr;
    for (auto given = end - digits; given < width; ++given)
        *out++ = '0';
    return put(out, std::string_view(digits, static_cast<std::size_t>(end - digits)));
}

char* put_time(char* out, std::chrono::system_clock::time_point when) noexcept
{
    using namespace std::chrono;
    auto const day = floor<days>(when);
    year_month_day const date(day);
    auto const ticks = duration_cast<duration<std::int64_t, std::ratio<1, 10'000'000>>>(when - day);
    hh_mm_ss const clock(ticks);
    out = put_padded(out, static_cast<unsigned>(static_cast<int>(date.year())), 4);
    *out++ = '-';
    out = put_padded(out, static_cast<unsigned>(date.month()), 2);
    *out++ = '-';
    out = put_padded(out, static_cast<unsigned>(date.day()), 2);
    *out++ = 'T';
    out = put_padded(out, static_cast<unsigned>(clock.hours().count()), 2);
    *out++ = ':';
    out = put_padded(out, static_cast<unsigned>(clock.minutes().count()), 2);
    *out++ = ':';
    out = put_padded(out, static_cast<unsigned>(clock.seconds().count()), 2);
    *out++ = '.';
    out = put_padded(out, static_cast<unsigned>(clock.subseconds().count()), 7);
    *out++ = 'Z';
    return out;
}

char* put_guid(char* out, guid const& v) noexcept
{
    static constexpr char digits[] = "0123456789abcdef";
    for (std::size_t i = 0; i < 16; ++i)
    {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *out++ = '-';
        *out++ = digits[v.bytes()[i] >> 4];
        *out++ = digits[v.bytes()[i] & 15];
    }
    return out;
}

} // namespace

char* format_unchecked(event const& e, char* out) noexcept
{
    out = put_time(out, e.when);
    *out++ = ',';
    out = put(out, e.level);
    *out++ = ',';
    out = put(out, e.host);
    *out++ = ',';
    out = std::to_chars(out, out + 24, e.session).ptr;
    *out++ = ',';
    out = std::to_chars(out, out + 24, e.status).ptr;
    *out++ = ',';
    out = std::to_chars(out, out + 32, e.seconds).ptr;
    *out++ = ',';
    out = put(out, e.cached ? std::string_view("true") : std::string_view("false"));
    *out++ = ',';
    out = put_guid(out, e.trace);
    *out++ = ',';
    if (e.bytes)
        out = std::to_chars(out, out + 24, *e.bytes).ptr;
    *out++ = ',';
    out = put(out, e.message);
    *out++ = '\n';
    return out;
}

namespace
{

char const* const words[] = {"request", "completed", "cache", "miss", "user", "session",
                             "timeout", "retry", "upstream", "payload", "decoded", "shard"};

std::string make_sentence(std::mt19937_64& random, std::size_t size)
{
    std::string text;
    while (text.size() < size)
        text.append(words[random() % 12]).push_back(' ');
    text.resize(size);
    return text;
}

} // namespace

std::vector<event> make_events(std::size_t count)
{
    static char const* const levels[] = {"info", "info", "info", "warning", "error"};
    std::mt19937_64 random(1);
    auto now = std::chrono::system_clock::time_point(std::chrono::seconds(1'790'000'000));
    std::vector<event> made(count);
    for (auto& e : made)
    {
        now += std::chrono::microseconds(random() % 2000);
        e.when = now;
        e.level = levels[random() % 5];
        e.host = "host-" + std::to_string(random() % 40) + ".example.com";
        e.session = static_cast<std::int64_t>(random() % 10'000'000'000);
        e.status = static_cast<std::int32_t>(200 + random() % 300);
        e.seconds = static_cast<double>(random() % 100'000) / 1000.0;
        e.cached = random() % 2 == 0;
        std::array<std::uint8_t, 16> bytes{};
        for (auto& b : bytes)
            b = static_cast<std::uint8_t>(random());
        e.trace = guid(bytes);
        if (random() % 4 != 0)
            e.bytes = static_cast<std::int64_t>(random() % 1'000'000);
        e.message = make_sentence(random, 40 + random() % 40);
    }
    return made;
}

std::vector<std::string> make_lines(std::size_t count)
{
    std::mt19937_64 random(1);
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < count; ++i)
    {
        char head[160];
        std::snprintf(head, sizeof(head), "2026-11-22T%02d:%02d:%02d.%07dZ,info,host-%02d,%llu,",
                      static_cast<int>(random() % 24), static_cast<int>(random() % 60),
                      static_cast<int>(random() % 60), static_cast<int>(random() % 10'000'000),
                      static_cast<int>(random() % 40),
                      static_cast<unsigned long long>(random() % 100'000));
        std::string line = head;
        line += make_sentence(random, 200 + random() % 80 - line.size());
        line.back() = 'x';
        lines.push_back(std::move(line));
    }
    return lines;
}

} // namespace kusto::micro
