#include <gzip/compressor.hpp>

#include <algorithm>
#include <gzip/codec.hpp>
#include <stdexcept>
#include <utility>

namespace kusto::gzip
{

namespace
{

constexpr std::size_t smallest_growth = 16 * 1024;
// Both libraries count in 32 bits.
constexpr std::size_t most_of_a_step = std::size_t(1) << 30;

std::unique_ptr<codec> make_codec(compression how)
{
    switch (how.codec())
    {
    case compression_codec::zlib:
        return make_zlib_codec(how.level());
    case compression_codec::igzip:
        return make_igzip_codec(how.level());
    case compression_codec::automatic:
        break;
    }
    throw std::logic_error("a compressor needs one codec");
}

} // namespace

compressor::compressor(compression how, std::size_t block_size)
    : codec_(make_codec(how)),
      block_size_((std::max)(block_size, std::size_t(1)))
{
}
compressor::compressor(compressor&&) noexcept = default;
compressor& compressor::operator=(compressor&&) noexcept = default;
compressor::~compressor() = default;

void compressor::add(std::span<std::byte const> input, std::vector<block>& out)
{
    raw_size_ += input.size();
    while (!input.empty())
    {
        auto const piece = (std::min)(input.size(), most_of_a_step);
        auto part = input.first(piece);
        while (!part.empty())
            (void)step(part, false, out);
        input = input.subspan(piece);
    }
}

void compressor::finish(std::vector<block>& out)
{
    std::span<std::byte const> nothing;
    while (!step(nothing, true, out))
    {
    }
    if (filled_ != 0)
        hand_over(out);
}

void compressor::reset()
{
    codec_->reset();
    raw_size_ = 0;
    filled_ = 0;
}

std::size_t compressor::held_back() const noexcept
{
    return codec_->held_back();
}

/// \returns whether the member has ended
bool compressor::step(std::span<std::byte const>& input, bool last, std::vector<block>& out)
{
    make_room();
    auto const offered = (std::min)(current_.size() - filled_, most_of_a_step);
    auto room = std::span<std::byte>(current_).subspan(filled_, offered);
    auto const progress = codec_->step(input, room, last);
    filled_ += offered - room.size();
    if (filled_ == block_size_)
        hand_over(out);
    return progress == codec::progress::ended;
}

/// Blocks grow with their content, so that a small batch does not cost a full block.
void compressor::make_room()
{
    if (filled_ == current_.size())
        current_.resize((std::min)(block_size_, (std::max)(smallest_growth, filled_ * 2)));
}

void compressor::hand_over(std::vector<block>& out)
{
    current_.resize(filled_);
    out.push_back(std::move(current_));
    current_ = block();
    filled_ = 0;
}

} // namespace kusto::gzip
