#include <bounds/workers.hpp>

#include <cstring>
#include <stdexcept>
#include <vector>

namespace kusto::bounds
{

namespace
{

/// Makes the compiler believe that somebody reads the memory.
void use(void const* memory) noexcept
{
    asm volatile("" : : "r"(memory) : "memory");
}

void note(worker::done& all, batch const& one, std::size_t wire_bytes) noexcept
{
    all.records += one.records;
    ++all.batches;
    all.raw_bytes += one.bytes;
    all.wire_bytes += wire_bytes;
}

/// A batch's text as a producer makes it: line by line.
void copy_lines(data const& from, batch const& one, std::byte* to) noexcept
{
    for (auto i = one.first; i < one.first + one.records; ++i)
    {
        auto const line = from.line(i);
        std::memcpy(to, line.data(), line.size());
        to += line.size();
        *to++ = std::byte('\n');
    }
}

class memcpy_worker final : public worker
{
public:
    explicit memcpy_worker(work const& of) : of_(of), text_(of.share.largest().bytes) {}

    done run() override
    {
        done all;
        while (auto const one = of_.share.next())
        {
            auto* to = text_.data();
            for_each_piece(of_.from, *one,
                           [&](std::span<std::byte const> piece)
                           {
                               std::memcpy(to, piece.data(), piece.size());
                               to += piece.size();
                           });
            use(text_.data());
            note(all, *one, 0);
        }
        return all;
    }

private:
    work of_;
    std::vector<std::byte> text_;
};

class lines_worker final : public worker
{
public:
    explicit lines_worker(work const& of) : of_(of), text_(of.share.largest().bytes) {}

    done run() override
    {
        done all;
        while (auto const one = of_.share.next())
        {
            copy_lines(of_.from, *one, text_.data());
            use(text_.data());
            note(all, *one, 0);
        }
        return all;
    }

private:
    work of_;
    std::vector<std::byte> text_;
};

class compressor_worker final : public worker
{
public:
    explicit compressor_worker(work const& of)
        : of_(of),
          codec_(make_codec(of.how)),
          room_(room_for(of.share.largest().bytes))
    {
    }

    done run() override
    {
        done all;
        while (auto const one = of_.share.next())
        {
            auto const size = compress(*one);
            use(room_.data());
            note(all, *one, size);
        }
        return all;
    }

    [[nodiscard]] std::size_t compress(batch const& one)
    {
        codec_->begin(room_);
        for_each_piece(of_.from, one,
                       [&](std::span<std::byte const> piece) { codec_->add(piece); });
        return codec_->end();
    }
    [[nodiscard]] std::span<std::byte const> room() const noexcept { return room_; }

private:
    work of_;
    std::unique_ptr<codec> codec_;
    std::vector<std::byte> room_;
};

/// Puts one compressed batch again and again.
class put_worker final : public worker
{
public:
    explicit put_worker(work const& of) : of_(of), storage_(*of.storage), like_(of.share.largest())
    {
        compressor_worker first(of);
        auto const size = first.compress(like_);
        blob_.assign(first.room().data(), first.room().data() + size);
    }

    done run() override
    {
        done all;
        while (of_.share.next())
        {
            storage_.put(blob_);
            note(all, like_, blob_.size());
        }
        return all;
    }

private:
    work of_;
    connection storage_;
    batch like_;
    std::vector<std::byte> blob_;
};

class straight_worker final : public worker
{
public:
    explicit straight_worker(work const& of)
        : of_(of),
          storage_(*of.storage),
          codec_(make_codec(of.how)),
          text_(of.share.largest().bytes),
          room_(room_for(text_.size()))
    {
    }

    done run() override
    {
        done all;
        while (auto const one = of_.share.next())
        {
            copy_lines(of_.from, *one, text_.data());
            auto const size = compress(one->bytes);
            storage_.put(std::span(room_).first(size));
            note(all, *one, size);
        }
        return all;
    }

private:
    [[nodiscard]] std::size_t compress(std::size_t bytes)
    {
        auto left = std::span<std::byte const>(text_).first(bytes);
        codec_->begin(room_);
        while (!left.empty())
        {
            auto const piece = left.first(std::min(left.size(), piece_size));
            codec_->add(piece);
            left = left.subspan(piece.size());
        }
        return codec_->end();
    }

    work of_;
    connection storage_;
    std::unique_ptr<codec> codec_;
    std::vector<std::byte> text_;
    std::vector<std::byte> room_;
};

} // namespace

std::unique_ptr<worker> make_worker(std::string const& what, work const& of)
{
    if (what == "memcpy")
        return std::make_unique<memcpy_worker>(of);
    if (what == "lines")
        return std::make_unique<lines_worker>(of);
    if (what == "compressor")
        return std::make_unique<compressor_worker>(of);
    if (of.storage == nullptr)
        throw std::logic_error("'" + what + "' needs a server");
    if (what == "put")
        return std::make_unique<put_worker>(of);
    return std::make_unique<straight_worker>(of);
}

} // namespace kusto::bounds
