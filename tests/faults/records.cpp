#include "records.hpp"

#include <boost/json.hpp>
#include <charconv>
#include <stdexcept>
#include <zlib.h>

namespace kusto::faults
{

namespace
{

std::uint64_t mix(std::uint64_t x) noexcept
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

std::int64_t number(std::string_view text)
{
    std::int64_t value = 0;
    auto const end = text.data() + text.size();
    auto const [at, error] = std::from_chars(text.data(), end, value);
    return error == std::errc() && at == end ? value : -1;
}

/// Closes the stream when it goes out of scope.
struct inflater
{
    inflater()
    {
        if (inflateInit2(&stream, 15 + 16) != Z_OK)
            throw std::runtime_error("zlib does not start");
    }
    inflater(inflater const&) = delete;
    inflater& operator=(inflater const&) = delete;
    ~inflater() { inflateEnd(&stream); }

    z_stream stream{};
};

} // namespace

std::string text_of(std::uint64_t salt, std::int64_t id, std::size_t size)
{
    constexpr std::string_view letters =
        "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    std::string out(size, ' ');
    auto state = mix(salt ^ mix(static_cast<std::uint64_t>(id)));
    for (std::size_t i = 0; i < size; ++i)
    {
        if (i % 10 == 0)
            state = mix(state);
        out[i] = letters[(state >> (6 * (i % 10))) & 63];
    }
    return out;
}

std::int64_t check_of(std::uint64_t salt, std::int64_t id, std::string_view text)
{
    auto sum = mix(salt + static_cast<std::uint64_t>(id));
    for (char const c : text)
        sum = sum * 0x100000001b3u ^ static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(mix(sum) >> 2);
}

std::tuple<std::int64_t, std::int64_t, std::string> record_of(std::uint64_t salt, std::int64_t id,
                                                              std::size_t size)
{
    auto text = text_of(salt, id, size);
    auto const check = check_of(salt, id, text);
    return std::make_tuple(id, check, std::move(text));
}

void found_records::add(std::uint64_t salt, std::int64_t id, std::int64_t check,
                        std::string_view text)
{
    if (check_of(salt, id, text) == check)
        ++times[id];
    else
        ++foreign;
}

void found_records::add_csv(std::uint64_t salt, std::string_view lines)
{
    while (!lines.empty())
    {
        auto const end = lines.find('\n');
        auto line = lines.substr(0, end);
        lines.remove_prefix(end == std::string_view::npos ? lines.size() : end + 1);
        if (!line.empty() && line.back() == '\r')
            line.remove_suffix(1);
        auto const first = line.find(',');
        auto const second = first == std::string_view::npos ? first : line.find(',', first + 1);
        if (second == std::string_view::npos)
            ++foreign;
        else
            add(salt, number(line.substr(0, first)),
                number(line.substr(first + 1, second - first - 1)), line.substr(second + 1));
    }
}

void found_records::add_answer(std::uint64_t salt, std::string_view json)
{
    auto const answer = boost::json::parse({json.data(), json.size()});
    for (auto const& row : answer.at("Tables").at(0).at("Rows").as_array())
    {
        auto const& cells = row.as_array();
        if (cells.size() != 3 || !cells[0].is_number() || !cells[1].is_number() ||
            !cells[2].is_string())
            ++foreign;
        else
            add(salt, cells[0].to_number<std::int64_t>(), cells[1].to_number<std::int64_t>(),
                cells[2].as_string());
    }
}

std::uint64_t found_records::total() const noexcept
{
    std::uint64_t sum = foreign;
    for (auto const& [id, count] : times)
        sum += count;
    return sum;
}

id_set found_records::ids() const
{
    id_set out;
    for (auto const& [id, count] : times)
        out.insert(out.end(), id);
    return out;
}

std::string gunzip(std::span<std::byte const> stream)
{
    inflater reader;
    auto& z = reader.stream;
    // zlib does not write to its input.
    z.next_in = const_cast<Bytef*>(reinterpret_cast<Bytef const*>(stream.data()));
    z.avail_in = static_cast<uInt>(stream.size());
    std::string out;
    for (int state = Z_OK; state != Z_STREAM_END;)
    {
        char buffer[16384];
        z.next_out = reinterpret_cast<Bytef*>(buffer);
        z.avail_out = sizeof buffer;
        state = inflate(&z, Z_NO_FLUSH);
        out.append(buffer, sizeof buffer - z.avail_out);
        if (state != Z_OK && state != Z_STREAM_END)
            throw std::runtime_error("not a whole gzip stream");
    }
    if (z.avail_in != 0)
        throw std::runtime_error("bytes follow the gzip stream");
    return out;
}

std::string gunzip(std::vector<std::span<std::byte const>> const& pieces)
{
    std::vector<std::byte> all;
    for (auto const& piece : pieces)
        all.insert(all.end(), piece.begin(), piece.end());
    return gunzip(std::span<std::byte const>(all));
}

} // namespace kusto::faults
