#include <gzip/compressor.hpp>

#include <algorithm>
#include <cstring>
#include <gzip/codec.hpp>
#include <utility>

namespace kusto::gzip
{

namespace
{

constexpr std::size_t smallest_block = 16 * 1024;
// Both libraries count in 32 bits.
constexpr std::size_t most_of_a_step = std::size_t(1) << 30;

/// Whether a last block of this size is worth a copy into less memory.
bool wastes(std::size_t size, std::size_t capacity) noexcept
{
    return capacity > size + size / 4 + 4096;
}

} // namespace

compressor::compressor(compression how, std::size_t block_size, std::shared_ptr<supplies> from)
    : from_(std::move(from)),
      how_(how),
      codec_(from_->take_codec(how)),
      block_size_((std::max)(block_size, std::size_t(1)))
{
}

compressor::compressor(compressor&&) noexcept = default;

compressor& compressor::operator=(compressor&& other) noexcept
{
    give_codec_back();
    from_ = std::move(other.from_);
    how_ = other.how_;
    codec_ = std::move(other.codec_);
    block_size_ = other.block_size_;
    current_ = std::move(other.current_);
    blocks_ = other.blocks_;
    raw_size_ = other.raw_size_;
    return *this;
}

compressor::~compressor()
{
    give_codec_back();
}

void compressor::give_codec_back() noexcept
{
    if (codec_)
        from_->give_back(how_, std::move(codec_));
}

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
    if (blocks_ == 0)
        from_->note_size(current_.size());
    if (current_.empty())
        return;
    if (wastes(current_.size(), current_.capacity()))
        move_to(current_.size());
    hand_over(out);
}

void compressor::reset()
{
    codec_->reset();
    current_ = block();
    blocks_ = 0;
    raw_size_ = 0;
}

std::size_t compressor::held_back() const noexcept
{
    return codec_->held_back();
}

/// \returns whether the member has ended
bool compressor::step(std::span<std::byte const>& input, bool last, std::vector<block>& out)
{
    auto room = make_room();
    auto const offered = room.size();
    auto const progress = codec_->step(input, room, last);
    current_.filled(offered - room.size());
    if (current_.size() == block_size_)
    {
        if (blocks_ == 0)
            from_->note_size(block_size_);
        hand_over(out);
    }
    return progress == codec::progress::ended;
}

/// The first block of a member begins as large as those before it became, and grows, so that a small
/// batch does not cost a full block; those that follow are full ones but the last.
std::span<std::byte> compressor::make_room()
{
    if (current_.room().empty())
    {
        auto wanted = block_size_;
        if (blocks_ == 0 && current_.empty())
        {
            auto const usual = from_->usual_size();
            wanted = (std::max)(smallest_block, usual + usual / 16);
        }
        else if (blocks_ == 0)
            wanted = current_.size() * 2;
        move_to((std::min)(block_size_, wanted));
    }
    auto const left = block_size_ - current_.size();
    return current_.room().first((std::min)({current_.room().size(), left, most_of_a_step}));
}

void compressor::move_to(std::size_t capacity)
{
    auto larger = from_->take_block(capacity);
    if (!current_.empty())
        std::memcpy(larger.room().data(), current_.data(), current_.size());
    larger.filled(current_.size());
    current_ = std::move(larger);
}

void compressor::hand_over(std::vector<block>& out)
{
    ++blocks_;
    out.push_back(std::move(current_));
    current_ = block();
}

} // namespace kusto::gzip
