#pragma once

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>
#include <zlib.h>
#ifdef KUSTO_HAVE_ISAL
#include <isa-l/igzip_lib.h>
#endif

/// zlib or ISA-L called straight, with everything reused: what compressing costs at the least.
class bound_compressor
{
public:
    /// \param how  `zlib:1` to `zlib:9`, `igzip:0` to `igzip:3`
    explicit bound_compressor(std::string const& how) : output_(1 << 20, '\0')
    {
        level_ = how.empty() ? 0 : how.back() - '0';
        igzip_ = how.rfind("igzip:", 0) == 0;
        if (!igzip_ && how.rfind("zlib:", 0) != 0)
            throw std::runtime_error("a bound needs zlib:LEVEL or igzip:LEVEL");
        if (!igzip_)
            deflateInit2(&zlib_, level_, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
        else
            begin_igzip();
    }
    ~bound_compressor()
    {
        if (!igzip_)
            deflateEnd(&zlib_);
    }
    bound_compressor(bound_compressor const&) = delete;
    bound_compressor& operator=(bound_compressor const&) = delete;

    /// One gzip member of all pieces; valid until the next call.
    std::string_view run(std::vector<std::string> const& pieces)
    {
        used_ = 0;
        if (igzip_)
            run_igzip(pieces);
        else
            run_zlib(pieces);
        return std::string_view(output_).substr(0, used_);
    }

private:
    void make_room()
    {
        if (output_.size() - used_ < (1 << 16))
            output_.resize(output_.size() * 2);
    }

    void run_zlib(std::vector<std::string> const& pieces)
    {
        deflateReset(&zlib_);
        for (std::size_t i = 0; i < pieces.size(); ++i)
        {
            zlib_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(pieces[i].data()));
            zlib_.avail_in = static_cast<uInt>(pieces[i].size());
            do
            {
                make_room();
                auto const room = output_.size() - used_;
                zlib_.next_out = reinterpret_cast<Bytef*>(output_.data() + used_);
                zlib_.avail_out = static_cast<uInt>(room);
                deflate(&zlib_, i + 1 == pieces.size() ? Z_FINISH : Z_NO_FLUSH);
                used_ += room - zlib_.avail_out;
            } while (zlib_.avail_out == 0);
        }
    }

#ifdef KUSTO_HAVE_ISAL
    void begin_igzip()
    {
        static constexpr std::uint32_t sizes[] = {ISAL_DEF_LVL0_DEFAULT, ISAL_DEF_LVL1_DEFAULT,
                                                  ISAL_DEF_LVL2_DEFAULT, ISAL_DEF_LVL3_DEFAULT};
        scratch_.resize(sizes[level_]);
        isal_ = std::make_unique<isal_zstream>();
    }

    void run_igzip(std::vector<std::string> const& pieces)
    {
        isal_deflate_init(isal_.get());
        isal_->gzip_flag = IGZIP_GZIP;
        isal_->level = static_cast<std::uint32_t>(level_);
        isal_->level_buf = scratch_.data();
        isal_->level_buf_size = static_cast<std::uint32_t>(scratch_.size());
        for (std::size_t i = 0; i < pieces.size(); ++i)
        {
            isal_->next_in =
                reinterpret_cast<std::uint8_t*>(const_cast<char*>(pieces[i].data()));
            isal_->avail_in = static_cast<std::uint32_t>(pieces[i].size());
            isal_->end_of_stream = i + 1 == pieces.size();
            do
            {
                make_room();
                auto const room = output_.size() - used_;
                isal_->next_out = reinterpret_cast<std::uint8_t*>(output_.data() + used_);
                isal_->avail_out = static_cast<std::uint32_t>(room);
                if (isal_deflate(isal_.get()) != COMP_OK)
                    throw std::runtime_error("isal_deflate failed");
                used_ += room - isal_->avail_out;
            } while (isal_->avail_out == 0);
        }
    }

    std::unique_ptr<isal_zstream> isal_;
    std::vector<std::uint8_t> scratch_;
#else
    void begin_igzip() { throw std::runtime_error("this build has no ISA-L"); }
    void run_igzip(std::vector<std::string> const&) {}
#endif

    bool igzip_ = false;
    int level_ = 0;
    z_stream zlib_{};
    std::string output_;
    std::size_t used_ = 0;
};
