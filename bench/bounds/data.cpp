#include <bounds/data.hpp>

#include <cstring>
#include <fstream>
#include <stdexcept>

namespace kusto::bounds
{

data::data(cli::bench_source const& source) : lines_(source.lines())
{
    auto const put = [this](std::string_view bytes)
    {
        auto const* const begin = reinterpret_cast<std::byte const*>(bytes.data());
        text_.insert(text_.end(), begin, begin + bytes.size());
    };
    for (auto const& line : lines_)
    {
        begins_.push_back(text_.size());
        put(line);
        put("\n");
    }
    period_ = text_.size();
    text_.reserve(period_ + piece_size);
    for (std::size_t i = 0; i < piece_size; ++i)
        text_.push_back(text_[i]);
}

std::uint64_t data::offset_of(std::uint64_t record) const noexcept
{
    return record / lines_.size() * period_ + begins_[record % lines_.size()];
}

void data::write(std::string const& path, std::uint64_t records) const
{
    std::ofstream out(path, std::ios::binary | std::ios::trunc);
    for (std::uint64_t i = 0; i < records; ++i)
        out << line(i) << '\n';
    out.close();
    if (!out)
        throw std::runtime_error("cannot write '" + path + "'");
}

batch batches::largest() const noexcept
{
    auto all = make(0, std::min(batch_size_, records_));
    // Batches that begin elsewhere in the period may be longer by a few bytes a record.
    for (std::uint64_t first = batch_size_; first < records_; first += batch_size_)
        all.bytes = std::max(all.bytes, make(first, std::min(batch_size_, records_ - first)).bytes);
    return all;
}

} // namespace kusto::bounds
